variable "recipient" {
  description = "E-mail address that messages go to, and the only one."
  type        = string

  # As the functions read it (EmailAddress in lambdas/shared/fields.py): SES takes ASCII only.
  validation {
    condition     = length(var.recipient) <= 254 && can(regex("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+([A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})$", var.recipient))
    error_message = "The recipient is an e-mail address in ASCII; write an international domain in punycode."
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
