variable "name" {
  description = "Name of the API and prefix of what belongs to it: the creator's slug."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "The name is a slug: 3 to 24 lower-case letters, digits and hyphens, first a letter, last no hyphen."
  }
}

variable "cors_origins" {
  description = "Origins whose pages may call the API: the creator's own, as https://kasper.live."
  type        = list(string)

  validation {
    condition     = length(var.cors_origins) > 0 && alltrue([for origin in var.cors_origins : can(regex("^https://[a-z0-9.-]+$", origin))])
    error_message = "At least one origin, each of the form https://host, without a path or a wildcard."
  }
}

variable "members" {
  description = "User pool whose access tokens members' routes take: issuer and app client. Null without members."
  type        = object({ issuer = string, client_id = string })
  default     = null
}

variable "has_members" {
  description = "Whether members is given; known before the user pool is made."
  type        = bool
  default     = false
}

variable "default_throttle" {
  description = "Limit of every route without one of its own: requests a second, and the burst above it."
  type        = object({ rate = number, burst = number })
  default     = { rate = 50, burst = 100 }

  validation {
    condition     = var.default_throttle.rate > 0 && var.default_throttle.burst > 0
    error_message = "Rate and burst are greater than 0."
  }
}

variable "route_throttles" {
  description = "Limits by route key, as POST /bookings: requests a second, and the burst above it. The routes have to exist."
  type        = map(object({ rate = number, burst = number }))
  default     = {}

  validation {
    condition     = alltrue([for limit in var.route_throttles : limit.rate > 0 && limit.burst > 0])
    error_message = "Rate and burst are greater than 0."
  }
}

variable "log_retention_days" {
  description = "Days that access logs are kept."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
