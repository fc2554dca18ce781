variable "module" {
  description = "Name of the platform module that the functions belong to, as sponsor-system; its Python package has the same name with underscores."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.module))
    error_message = "A module's name has lower-case letters, digits and hyphens."
  }
}

variable "creator" {
  description = "Whose functions these are; mail_from is the sender of e-mail, null where the creator sends none, members name the user pool whose tokens are accepted, key is the creator's own, and failover tells of the second region; null without one."
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

variable "functions" {
  description = <<-EOT
    The functions by name of their handler. Routes: route key → who may call it (public, member, moderator, admin, operator); routes of members exist where the creator has members. Permissions: all that it may do. A throttle holds for each of its routes. Memory in MB, timeout in seconds. A schedule (EventBridge's expression, UTC), event patterns (JSON, by a short name), and a table's stream with a filter (JSON) call it in the background; a queue brings it messages, so many at a time and to so many of it at once; background = true says that something else calls it, as a bucket.
  EOT
  type = map(object({
    description = string
    routes      = optional(map(string), {})
    throttle    = optional(object({ rate = number, burst = number }))
    timeout     = optional(number, 10)
    memory      = optional(number, 512)
    permissions = optional(list(object({
      actions    = list(string)
      resources  = list(string)
      conditions = optional(map(map(string)), {})
    })), [])
    schedule = optional(string)
    events   = optional(map(string), {})
    stream   = optional(object({ arn = string, filter = string }))
    queue = optional(object({
      arn             = string
      batch_size      = optional(number, 10)
      max_concurrency = optional(number, 2)
    }))
    background = optional(bool, false)
  }))

  validation {
    condition     = alltrue(flatten([for function in var.functions : [for by in values(function.routes) : contains(["public", "member", "moderator", "admin", "operator"], by)]]))
    error_message = "A route is for public, member, moderator, admin or operator."
  }

  validation {
    condition     = alltrue(flatten([for function in var.functions : [for permission in function.permissions : concat([for action in permission.actions : !strcontains(action, "*")], [for resource in permission.resources : resource != "*" || length(setsubtract(permission.actions, local.without_resource)) == 0])]]))
    error_message = "A permission names its actions and its resources, without a wildcard alone."
  }
}

variable "environment" {
  description = "What the module's functions read from their environment, besides what all functions do."
  type        = map(string)
  default     = {}
}

variable "failures_arn" {
  description = "ARN of the queue for events that a function could not handle."
  type        = string
}

variable "name_suffix" {
  description = "End of the names of functions and roles, as -standby where the same functions are in a second region: roles have no region."
  type        = string
  default     = ""
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
