variable "slug" {
  description = "The creator's slug, part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.slug))
    error_message = "A slug has 3 to 24 lower-case letters, digits and hyphens, first a letter, last no hyphen."
  }
}

variable "domain" {
  description = "The creator's domain without www, as kasper.live."
  type        = string
}

variable "account_id" {
  description = "The creator's AWS account: part of the bucket's name, and where callers of operator routes have to come from."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

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

  # An approval holds each day in one transaction together with the booking, and a transaction has 100 items at most:
  # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
  validation {
    condition     = var.max_days >= 1 && var.max_days <= 99 && floor(var.max_days) == var.max_days
    error_message = "max_days is a whole number of days from 1 to 99."
  }
}

variable "api_id" {
  description = "Id of the HTTP API that gets the routes."
  type        = string
}

variable "api_execution_arn" {
  description = "ARN prefix for permissions to call the HTTP API."
  type        = string
}

variable "runtime" {
  description = "Lambda runtime, as python3.12."
  type        = string
}

variable "architecture" {
  description = "Instruction set: arm64 or x86_64."
  type        = string
}

variable "layer_arn" {
  description = "ARN of the layer version with the functions' libraries."
  type        = string
}

variable "package" {
  description = "Where the functions' code lies, and its SHA-256 in base64."
  type        = object({ bucket = string, key = string, hash = string })
}

variable "log_retention_days" {
  description = "Days that the functions' logs are kept."
  type        = number
  default     = 30
}

variable "protect_data" {
  description = "Whether tables and assets are kept from being destroyed."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
