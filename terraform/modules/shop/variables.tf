variable "settings" {
  description = "Currency, minutes that an order holds its items until it is paid, countries that goods are sent to, shipping in minor units (cents), and Stripe's publishable key."
  type = object({
    currency        = string
    hold_minutes    = number
    countries       = list(string)
    shipping        = number
    publishable_key = optional(string)
  })

  validation {
    condition     = contains(["EUR", "USD", "GBP", "CHF"], var.settings.currency)
    error_message = "The currency is EUR, USD, GBP or CHF."
  }

  validation {
    condition     = var.settings.hold_minutes >= 5 && var.settings.hold_minutes <= 1440 && floor(var.settings.hold_minutes) == var.settings.hold_minutes
    error_message = "An order holds its items for 5 to 1440 whole minutes."
  }

  validation {
    condition     = length(var.settings.countries) > 0 && alltrue([for country in var.settings.countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "Countries are ISO 3166-1 codes such as DE, at least one."
  }

  validation {
    condition     = var.settings.shipping >= 0 && var.settings.shipping <= 1000000 && floor(var.settings.shipping) == var.settings.shipping
    error_message = "Shipping is a whole number of minor units (cents) from 0 to 1,000,000."
  }

  validation {
    condition     = var.settings.publishable_key == null ? true : can(regex("^pk_(test|live)_[A-Za-z0-9]{8,200}$", var.settings.publishable_key))
    error_message = "A publishable key begins with pk_test_ or pk_live_. Secret keys are no part of any file."
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

variable "site_origins" {
  description = "Origins of the creator's site, as https://kasper.live: only its pages may upload into the bucket."
  type        = list(string)
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
