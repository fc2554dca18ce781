variable "settings" {
  description = "Days that single page views are kept, and whether the site may show how often its pages were seen."
  type = object({
    retention_days  = number
    public_counters = bool
  })

  # What is gone after a day could not be added up anew two days later.
  validation {
    condition     = var.settings.retention_days >= 2 && var.settings.retention_days <= 3650 && floor(var.settings.retention_days) == var.settings.retention_days
    error_message = "Single page views are kept for 2 to 3650 days."
  }
}

variable "channel_arn" {
  description = "ARN of the IVS channel whose viewers are counted; null where nothing is streamed."
  type        = string
  default     = null
}

variable "has_channel" {
  description = "Whether channel_arn is given; known before the channel is made."
  type        = bool
}

variable "creator" {
  description = "Whose module this is; mail_from is the sender of e-mail, null where the creator sends none, members name the user pool whose tokens are accepted, key is the creator's own, and failover tells of the second region; null without one."
  type = object({
    slug       = string
    name       = string
    domain     = string
    account_id = string
    language   = string
    mail_from  = optional(string)
    members    = optional(object({ issuer = string, client_id = string }))
    key        = optional(object({ arn = string, standby_arn = optional(string) }))
    failover   = optional(object({ region = string, home = string, switch_arn = string }))
  })
}

variable "api" {
  description = "The HTTP API that gets the routes; authorizer_id checks members' tokens, null where there are no members."
  type = object({
    id            = string
    execution_arn = string
    authorizer_id = optional(string)
  })
}

variable "code" {
  description = "Where the functions' code lies, with its SHA-256 in base64, the layer of their libraries, and what both were built for."
  type = object({
    bucket       = string
    key          = string
    hash         = string
    layer_arn    = string
    runtime      = string
    architecture = string
  })
}

variable "failures_arn" {
  description = "ARN of the queue for events that a function could not handle."
  type        = string
}

variable "protect_data" {
  description = "Whether tables and buckets that hold data are kept from being destroyed."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days that the functions' logs are kept."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
