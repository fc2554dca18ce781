variable "bucket" {
  description = "Name of the bucket. Names are global: it has to hold the creator's slug and account id."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket name has 3 to 63 lower-case letters, digits and hyphens, and starts and ends with a letter or a digit."
  }
}

variable "versioned" {
  description = "Whether overwritten and deleted objects are kept as noncurrent versions."
  type        = bool
  default     = true
}

variable "noncurrent_days" {
  description = "Days after which a noncurrent version is removed. Without meaning when versioned is false."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days is a whole number of days, at least 1."
  }
}

variable "expiration_days" {
  description = "Days after which every object is removed. Null keeps objects."
  type        = number
  default     = null

  validation {
    condition = var.expiration_days == null ? true : (
      var.expiration_days >= 1 && floor(var.expiration_days) == var.expiration_days
    )
    error_message = "expiration_days is a whole number of days, at least 1, or null."
  }
}

variable "prefix_expiration_days" {
  description = "Days after which objects below a prefix are removed, by prefix, as incoming/ = 1."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for days in values(var.prefix_expiration_days) : days >= 1 && floor(days) == days])
    error_message = "Objects below a prefix are kept for a whole number of days, at least 1."
  }

  validation {
    condition     = alltrue([for prefix in keys(var.prefix_expiration_days) : can(regex("^[a-z0-9-]+(/[a-z0-9-]+)*/$", prefix))])
    error_message = "A prefix is written like incoming/, without a slash before and with one behind."
  }
}

variable "upload_origins" {
  description = "Origins whose pages may upload by a presigned form (POST), as https://kasper.live. Empty: no page may."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.upload_origins : can(regex("^https://[a-z0-9.-]+$", origin))])
    error_message = "An origin is https:// and a host name, as https://kasper.live."
  }
}

variable "notify" {
  description = "Function that is called for each object that is created below a prefix, and the account that the bucket belongs to. Null calls none."
  type = object({
    prefix        = string
    function_name = string
    function_arn  = string
    account_id    = string
  })
  default = null
}

variable "key" {
  description = "Key of the creator's own that objects are encrypted with; S3's own, free of charge, when null."
  type        = object({ arn = string })
  default     = null
}

variable "force_destroy" {
  description = "Whether the bucket may be destroyed with objects in it."
  type        = bool
  default     = false
}

variable "service_access" {
  description = "AWS services that may use objects, each on behalf of one resource only: statement id, service principal, actions, key pattern, and the ARN of that resource."
  type = list(object({
    sid        = string
    service    = string
    actions    = list(string)
    keys       = optional(string, "*")
    source_arn = string
  }))
  default = []
}

variable "tags" {
  description = "Tags of the bucket, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
