variable "slug" {
  description = "The creator's slug, part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.slug))
    error_message = "A slug has 3 to 24 lower-case letters, digits and hyphens, first a letter, last no hyphen."
  }
}

variable "name" {
  description = "The creator's display name, shown on the placeholder page."
  type        = string

  validation {
    condition     = length(var.name) >= 1 && length(var.name) <= 80
    error_message = "A display name has 1 to 80 characters."
  }
}

variable "domain" {
  description = "The creator's domain without www, as kasper.live."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain)) && !startswith(var.domain, "www.")
    error_message = "The domain is a lower-case host name such as kasper.live, without www."
  }
}

variable "account_id" {
  description = "The creator's AWS account, part of the bucket's name."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "domain_ready" {
  description = "Whether the domain is delegated to this zone's name servers, so that the certificate can be issued and used."
  type        = bool
  default     = false
}

variable "price_class" {
  description = "Edge locations that serve the site: PriceClass_100, PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "The price class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "waf" {
  description = "Whether a web application firewall stands before the site (about $9 a month)."
  type        = bool
  default     = false
}

variable "waf_rate_limit" {
  description = "Requests that one address may make in five minutes before the firewall blocks it."
  type        = number
  default     = 2000

  validation {
    condition     = var.waf_rate_limit >= 10 && var.waf_rate_limit <= 2000000000
    error_message = "The rate limit is between 10 and 2,000,000,000 requests in five minutes."
  }
}

variable "connect_sources" {
  description = "Further origins that the pages may call, as the creator's HTTP API."
  type        = list(string)
  default     = []
}

variable "script_sources" {
  description = "Further origins that the pages may load scripts from, as Stripe's."
  type        = list(string)
  default     = []
}

variable "frame_sources" {
  description = "Origins that the pages may embed, as Stripe's."
  type        = list(string)
  default     = []
}

variable "media" {
  description = "Private buckets of other modules that the site serves from, each below a path of its own, as /media/creatives/*. The bucket has to let the distribution read. standby_domain is its copy in the second region, where has_standby says that there is one."
  type        = map(object({ path = string, bucket_domain = string, standby_domain = optional(string), has_standby = optional(bool, false) }))
  default     = {}

  validation {
    condition     = alltrue([for media in var.media : can(regex("^/[a-z0-9/-]+/\\*$", media.path))])
    error_message = "A path begins with / and ends with /*."
  }
}

variable "standby_domain" {
  description = "Host name of the site's copy in the second region; null without one."
  type        = string
  default     = null
}

variable "has_standby" {
  description = "Whether what the site serves has a copy in a second region; known before the copy is made."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
