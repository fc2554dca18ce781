variable "slug" {
  description = "The creator's slug, part of every name."
  type        = string
}

variable "settings" {
  description = "Whether people can sign up by themselves, and whether they may use a second factor: off or optional."
  type        = object({ self_sign_up = bool, mfa = string })

  validation {
    condition     = contains(["off", "optional"], var.settings.mfa)
    error_message = "The second factor (mfa) is off or optional."
  }
}

variable "branding" {
  description = "Colours of what people get to see, as #rrggbb."
  type        = object({ primary = string, accent = string, background = string })

  validation {
    condition     = alltrue([for colour in values(var.branding) : can(regex("^#[0-9a-fA-F]{6}$", colour))])
    error_message = "A colour is written as #rrggbb."
  }
}

variable "site_origins" {
  description = "Origins of the creator's site, as https://kasper.live: where people come back to after they signed in."
  type        = list(string)

  validation {
    condition     = length(var.site_origins) > 0 && alltrue([for origin in var.site_origins : can(regex("^https://[a-z0-9.-]+$", origin))])
    error_message = "At least one origin, each of the form https://host, without a path or a wildcard."
  }
}

variable "sender" {
  description = "Identity of Amazon SES and address that the pool's e-mail comes from, once SES may write to anybody. Null sends from Cognito's own address, 50 messages a day at most."
  type        = object({ identity_arn = string, address = string })
  default     = null
}

variable "privacy_modules" {
  description = "The other modules that may keep something of a member, as shop: each has a function <slug>-<module>-privacy, which hands it out or erases it."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for module in var.privacy_modules : can(regex("^[a-z][a-z0-9-]{1,30}$", module)) && module != "user-auth"])
    error_message = "The other modules by their names, as shop or ivs-chat."
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
