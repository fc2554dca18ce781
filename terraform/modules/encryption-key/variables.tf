variable "slug" {
  description = "The creator's slug, name of the key."
  type        = string
}

variable "account_id" {
  description = "The creator's AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
