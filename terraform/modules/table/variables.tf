variable "creator" {
  description = "Whose table this is; key is the creator's own, and failover names a second region that keeps a replica, null without one."
  type = object({
    slug     = string
    key      = optional(object({ arn = string, standby_arn = optional(string) }))
    failover = optional(object({ region = string }))
  })
}

variable "name" {
  description = "Name of the table after the creator's slug, as orders. Its keys are pk and sk, and items go at the second in expires_at."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name))
    error_message = "A table's name has lower-case letters, digits and hyphens."
  }
}

variable "indexes" {
  description = "Global secondary indexes by name: their keys, strings all of them, and what is copied into them (ALL or KEYS_ONLY)."
  type = map(object({
    hash_key   = string
    range_key  = string
    projection = optional(string, "ALL")
  }))
  default = {}

  validation {
    condition     = alltrue([for index in var.indexes : contains(["ALL", "KEYS_ONLY"], index.projection)])
    error_message = "An index copies ALL or KEYS_ONLY."
  }
}

variable "stream_view_type" {
  description = "What the table's stream has to tell of a change, as KEYS_ONLY or NEW_AND_OLD_IMAGES; null where nothing listens. With a second region it tells NEW_AND_OLD_IMAGES."
  type        = string
  default     = null

  validation {
    condition     = var.stream_view_type == null ? true : contains(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], var.stream_view_type)
    error_message = "A stream tells KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES."
  }
}

variable "recovery_days" {
  description = "Days that the table can be brought back to any second of, 1 to 35. Few where deleted personal data must not live on."
  type        = number
  default     = 35

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "A table can be restored to a second of the last 1 to 35 days."
  }
}

variable "protect_data" {
  description = "Whether the table is kept from being destroyed."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
