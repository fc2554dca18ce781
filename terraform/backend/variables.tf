variable "slug" {
  description = "The creator's slug, for the tag."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.slug))
    error_message = "A slug has 3 to 24 lower-case letters, digits and hyphens, first a letter, last no hyphen."
  }
}

variable "account_id" {
  description = "The creator's AWS account. A run with credentials of another account ends before it changes anything."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "region" {
  description = "Region of the bucket: the creator's."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is written like eu-central-1."
  }
}

variable "bucket" {
  description = "Name of the state bucket: fleet-state-<account_id>-<region>."
  type        = string

  validation {
    condition     = var.bucket == "fleet-state-${var.account_id}-${var.region}"
    error_message = "The state bucket is called fleet-state-<account_id>-<region>, so that two creators never share one."
  }
}

variable "tags" {
  description = "Further tags of everything made here."
  type        = map(string)
  default     = {}
}

variable "emulated" {
  description = "Whether AWS is emulated on this machine."
  type        = bool
  default     = false
}
