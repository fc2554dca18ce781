variable "creator" {
  description = "Whose second region this is; members name the user pool whose tokens are accepted, key is the second region's, and failover tells which region is which."
  type = object({
    slug       = string
    name       = string
    domain     = string
    account_id = string
    language   = string
    mail_from  = optional(string)
    members    = optional(object({ issuer = string, client_id = string }))
    key        = optional(object({ arn = string }))
    failover   = object({ region = string, home = string, switch_arn = string })
  })
}

variable "artifacts" {
  description = "What the build step made: runtime and instruction set, the zip file of the libraries' layer, and the zip file of each module's functions."
  type = object({
    runtime      = string
    architecture = string
    layer        = object({ path = string })
    packages     = map(object({ path = string }))
  })
}

variable "modules" {
  description = "What each module has in the second region, by its name: functions with their routes, and their environment. Neither a schedule nor an event, a stream or a queue calls anything here. Names of the first region in the permissions become those of the second."
  type = map(object({
    functions = map(object({
      description = string
      routes      = map(string)
      throttle    = optional(object({ rate = number, burst = number }))
      timeout     = optional(number, 10)
      memory      = optional(number, 512)
      permissions = optional(list(object({
        actions    = list(string)
        resources  = list(string)
        conditions = optional(map(map(string)), {})
      })), [])
    }))
    environment = map(string)
  }))
}

variable "site_origins" {
  description = "Origins whose pages may call the API, as https://kasper.live."
  type        = list(string)
}

variable "failures_arn" {
  description = "ARN of the first region's queue of failures; nothing here runs in the background and uses it."
  type        = string
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
