variable "bucket" {
  description = "Name of the bucket that is copied; it keeps versions. Its copy has the same name and -standby behind it."
  type        = string
}

variable "prefix" {
  description = "What is copied, as media/; everything when empty."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([a-z0-9-]+/)*$", var.prefix))
    error_message = "A prefix is written like media/, without a slash before and with one behind."
  }
}

variable "account_id" {
  description = "The creator's AWS account."
  type        = string
}

variable "key" {
  description = "Keys of the creator's own that the bucket and its copy are encrypted with; null with S3's own."
  type        = object({ arn = string, standby_arn = string })
  default     = null
}

variable "distribution_arn" {
  description = "ARN of the distribution that may read the copy; null without a site."
  type        = string
  default     = null
}

variable "has_distribution" {
  description = "Whether distribution_arn is given; known before the distribution is made."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
