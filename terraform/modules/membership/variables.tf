variable "settings" {
  description = "Currency, tiers from the lowest to the highest with their price in minor units (cents) a month and what one gets, and days that who could not be charged stays a member."
  type = object({
    currency = string
    tiers = list(object({
      id       = string
      name     = string
      price    = number
      benefits = list(string)
    }))
    grace_days = number
  })

  validation {
    condition     = contains(["EUR", "USD", "GBP", "CHF"], var.settings.currency)
    error_message = "The currency is EUR, USD, GBP or CHF."
  }

  validation {
    condition     = length(var.settings.tiers) >= 1 && length(var.settings.tiers) <= 10 && length(distinct(var.settings.tiers[*].id)) == length(var.settings.tiers)
    error_message = "There are 1 to 10 tiers, with an id each of their own."
  }

  validation {
    condition     = alltrue([for tier in var.settings.tiers : can(regex("^[a-z][a-z0-9-]{0,30}$", tier.id)) && length(tier.name) >= 1 && length(tier.name) <= 60 && length(tier.benefits) <= 20])
    error_message = "A tier's id begins with a lower-case letter and has up to 31 of them, digits and hyphens; its name has up to 60 characters, and it has up to 20 benefits."
  }

  validation {
    condition     = alltrue([for tier in var.settings.tiers : tier.price >= 100 && tier.price <= 100000 && floor(tier.price) == tier.price])
    error_message = "A tier's price is a whole number of minor units (cents) from 100 to 100,000 a month."
  }

  validation {
    condition     = var.settings.grace_days >= 0 && var.settings.grace_days <= 30 && floor(var.settings.grace_days) == var.settings.grace_days
    error_message = "Who could not be charged stays a member for 0 to 30 whole days."
  }
}

variable "stripe_api_base" {
  description = "Another server in Stripe's place, as http://127.0.0.1:8420, for tests; null for Stripe itself."
  type        = string
  default     = null

  validation {
    condition     = var.stripe_api_base == null ? true : can(regex("^http://127\\.0\\.0\\.1:[0-9]+$", var.stripe_api_base))
    error_message = "Another server in Stripe's place is on this machine, as http://127.0.0.1:8420."
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
