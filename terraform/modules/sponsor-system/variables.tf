variable "currency" {
  description = "Currency of prices: EUR, USD, GBP or CHF."
  type        = string
  default     = "EUR"

  validation {
    condition     = contains(["EUR", "USD", "GBP", "CHF"], var.currency)
    error_message = "The currency is EUR, USD, GBP or CHF."
  }
}

variable "rates" {
  description = "Price of each placement in minor units (cents) of the currency a day. A placement without a rate cannot be booked."
  type        = map(number)

  validation {
    condition     = length(setsubtract(keys(var.rates), ["top", "bottom", "left", "right", "creator"])) == 0
    error_message = "Placements are top, bottom, left, right and creator."
  }

  validation {
    condition     = alltrue([for rate in var.rates : rate >= 0 && rate <= 100000000 && floor(rate) == rate])
    error_message = "A rate is a whole number of minor units (cents) from 0 to 100,000,000."
  }
}

variable "max_days" {
  description = "Longest booking in days."
  type        = number
  default     = 90

  # A booking is made in one transaction with its token, the idempotency key and each of its days, and a transaction
  # has 100 items at most:
  # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
  validation {
    condition     = var.max_days >= 1 && var.max_days <= 97 && floor(var.max_days) == var.max_days
    error_message = "max_days is a whole number of days from 1 to 97."
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
