variable "settings" {
  description = "Further addresses that are written to, whether notices go to Slack and to which Telegram chat, parts of the budget (percent) that are told of, least impact of an unusual cost in dollars, and whether the account gets an anomaly monitor of its own; where it does not, the ARN of the one that it has."
  type = object({
    emails              = list(string)
    slack               = bool
    telegram_chat       = optional(string)
    budget_percent      = list(number)
    anomaly_dollars     = number
    own_anomaly_monitor = bool
    anomaly_monitor_arn = optional(string)
  })

  validation {
    condition     = length(var.settings.emails) <= 9 && alltrue([for address in concat(var.settings.emails, [var.contact]) : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "Notices go to the contact and at most nine more e-mail addresses."
  }

  validation {
    condition     = var.settings.telegram_chat == null ? true : can(regex("^(-?[0-9]{1,20}|@[A-Za-z0-9_]{5,32})$", var.settings.telegram_chat))
    error_message = "A Telegram chat is a number, or the name of a channel with its @."
  }

  validation {
    condition     = length(var.settings.budget_percent) >= 1 && length(var.settings.budget_percent) <= 5 && alltrue([for percent in var.settings.budget_percent : percent >= 1 && percent <= 1000 && floor(percent) == percent])
    error_message = "A budget is told of at one to five whole parts from 1 to 1000 percent."
  }

  validation {
    condition     = var.settings.anomaly_monitor_arn == null ? true : !var.settings.own_anomaly_monitor && can(regex("^arn:aws[a-z-]*:ce::[0-9]{12}:anomalymonitor/[0-9a-f-]{36}$", var.settings.anomaly_monitor_arn))
    error_message = "anomaly_monitor_arn is the ARN of a monitor that the account has, where own_anomaly_monitor is false: AWS allows one."
  }
}

variable "contact" {
  description = "E-mail address that notices go to first."
  type        = string
}

variable "monthly_budget" {
  description = "Budget in US dollars a month."
  type        = number
}

variable "enabled_modules" {
  description = "Names of the platform modules that are on: the dashboard shows what they have."
  type        = list(string)
}

variable "channel_arn" {
  description = "ARN of the IVS channel that is watched; null where nothing is streamed."
  type        = string
  default     = null
}

variable "has_channel" {
  description = "Whether there is an IVS channel; known before its ARN is."
  type        = bool
  default     = false
}

variable "failures_queue" {
  description = "Name of the queue for events that a function could not handle."
  type        = string
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

variable "messengers_base" {
  description = "Another server in the place of Slack and Telegram, as http://127.0.0.1:8430, where AWS is emulated; null for themselves."
  type        = string
  default     = null
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
