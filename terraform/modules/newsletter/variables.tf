variable "settings" {
  description = "Topics by id as the site names them, letters a second, and the imprint at the foot of every letter."
  type = object({
    topics           = map(string)
    mails_per_second = number
    imprint          = string
  })

  validation {
    condition     = length(var.settings.topics) >= 1 && length(var.settings.topics) <= 20 && alltrue([for id, name in var.settings.topics : can(regex("^[a-z][a-z0-9-]{0,30}$", id)) && length(name) >= 1 && length(name) <= 60])
    error_message = "There are 1 to 20 topics; an id has up to 31 lower-case letters, digits and hyphens, a name up to 60 characters."
  }

  validation {
    condition     = var.settings.mails_per_second >= 1 && var.settings.mails_per_second <= 100 && floor(var.settings.mails_per_second) == var.settings.mails_per_second
    error_message = "Letters go out at 1 to 100 a second."
  }

  # Who sends commercial letters has to say who they are: § 5 DDG, and CAN-SPAM wants a postal address.
  validation {
    condition     = length(var.settings.imprint) >= 5 && length(var.settings.imprint) <= 300
    error_message = "The imprint says who sends letters and where they live, in 5 to 300 characters."
  }
}

variable "mail" {
  description = "The permission that a function needs to send mail from the creator's address, as statements of its role."
  type        = object({ actions = list(string), resources = list(string), conditions = map(map(string)) })
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
