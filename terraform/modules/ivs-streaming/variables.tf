variable "channel_type" {
  description = "Channel type: BASIC, STANDARD, ADVANCED_SD or ADVANCED_HD."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"], var.channel_type)
    error_message = "The channel type is BASIC, STANDARD, ADVANCED_SD or ADVANCED_HD."
  }
}

variable "latency_mode" {
  description = "LOW for interaction with viewers, NORMAL for the smoothest playback."
  type        = string
  default     = "LOW"

  validation {
    condition     = contains(["LOW", "NORMAL"], var.latency_mode)
    error_message = "The latency mode is LOW or NORMAL."
  }
}

variable "recording" {
  description = "Whether streams are recorded."
  type        = bool
  default     = true
}

variable "recording_retention_days" {
  description = "Days that a recording is kept."
  type        = number
  default     = 30

  validation {
    condition     = var.recording_retention_days >= 1 && var.recording_retention_days <= 3650 && floor(var.recording_retention_days) == var.recording_retention_days
    error_message = "Recordings are kept for 1 to 3650 whole days."
  }
}

variable "authorized_playback" {
  description = "Whether viewers need a signed playback token."
  type        = bool
  default     = false
}

variable "playback_tier" {
  description = "The lowest tier of membership that may watch, all tiers from the lowest to the highest, and name and ARN of membership's table, of which nothing but a member's entitlement is read. Null where every member may watch."
  type = object({
    tier      = string
    tiers     = list(string)
    table     = string
    table_arn = string
  })
  default = null

  validation {
    condition     = var.playback_tier == null ? true : var.authorized_playback && contains(var.playback_tier.tiers, var.playback_tier.tier)
    error_message = "The tier is one of the tiers, where viewers need a playback token (authorized_playback)."
  }
}

variable "live_notice" {
  description = "Whether a notice is sent when a stream begins."
  type        = bool
  default     = true
}

variable "contact" {
  description = "E-mail address that live notices go to first."
  type        = string
}

variable "distribution_arn" {
  description = "ARN of the site's distribution, which serves what the bucket publishes. Null without a site."
  type        = string
  default     = null
}

variable "has_distribution" {
  description = "Whether distribution_arn is given; known before the distribution is made."
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
  description = "Whether the table and recordings are kept from being destroyed."
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
