variable "settings" {
  description = "Longest message in characters, most messages a second in the room, whether guests may read, words that no message may hold, and days that messages are kept (0: none)."
  type = object({
    max_message_chars   = number
    messages_per_second = number
    guests              = bool
    blocked_words       = list(string)
    log_retention_days  = number
  })

  # https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateRoom.html has 100 messages a second; the provider
  # knows of 10 only.
  validation {
    condition = (
      var.settings.max_message_chars >= 1 && var.settings.max_message_chars <= 500
      && var.settings.messages_per_second >= 1 && var.settings.messages_per_second <= 10
    )
    error_message = "A message has 1 to 500 characters, and a room 1 to 10 messages a second."
  }

  validation {
    condition     = length(var.settings.blocked_words) <= 200 && alltrue([for word in var.settings.blocked_words : length(word) >= 2 && length(word) <= 40])
    error_message = "There are at most 200 blocked words of 2 to 40 characters."
  }

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 180, 365], var.settings.log_retention_days)
    error_message = "Messages are kept for 0, 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365 days."
  }
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
