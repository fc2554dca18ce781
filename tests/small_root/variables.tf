# Everything that the console tells the real root module; most of it is not used here.
variable "slug" {
  type    = any
  default = null
}

variable "name" {
  type    = any
  default = null
}

variable "domain" {
  type    = any
  default = null
}

variable "account_id" {
  type    = any
  default = null
}

variable "region" {
  type    = any
  default = null
}

variable "contact" {
  type    = any
  default = null
}

variable "language" {
  type    = any
  default = null
}

variable "branding" {
  type    = any
  default = null
}

variable "mail" {
  type    = any
  default = null
}

variable "wave" {
  type    = any
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "monthly_budget" {
  type    = any
  default = null
}

variable "configuration_digest" {
  type    = any
  default = null
}

variable "emulated" {
  type    = any
  default = null
}

variable "protect_data" {
  type    = any
  default = null
}

variable "enable_s3_website" {
  type    = any
  default = null
}

variable "enable_user_auth" {
  type    = any
  default = null
}

variable "enable_ivs_streaming" {
  type    = any
  default = null
}

variable "enable_ivs_chat" {
  type    = any
  default = null
}

variable "enable_contact_form" {
  type    = any
  default = null
}

variable "enable_sponsor_system" {
  type    = any
  default = null
}

variable "enable_shop" {
  type    = any
  default = null
}

variable "enable_membership" {
  type    = any
  default = null
}

variable "enable_events" {
  type    = any
  default = null
}

variable "enable_polls" {
  type    = any
  default = null
}

variable "enable_newsletter" {
  type    = any
  default = null
}

variable "enable_analytics" {
  type    = any
  default = null
}

variable "enable_monitoring" {
  type    = any
  default = null
}

variable "enable_backup" {
  type    = any
  default = null
}

variable "enable_failover" {
  type    = any
  default = null
}

variable "failover" {
  type    = any
  default = null
}

variable "encryption" {
  type    = any
  default = null
}

variable "s3_website" {
  type    = any
  default = null
}

variable "ivs_streaming" {
  type    = any
  default = null
}

variable "user_auth" {
  type    = any
  default = null
}

variable "ivs_chat" {
  type    = any
  default = null
}

variable "contact_form" {
  type    = any
  default = null
}

variable "shop" {
  type    = any
  default = null
}

variable "stripe_api_base" {
  type    = any
  default = null
}

variable "sponsor_system" {
  type    = any
  default = null
}

variable "membership" {
  type    = any
  default = null
}

variable "events" {
  type    = any
  default = null
}

variable "polls" {
  type    = any
  default = null
}

variable "newsletter" {
  type    = any
  default = null
}

variable "analytics" {
  type    = any
  default = null
}

variable "monitoring" {
  type    = any
  default = null
}

variable "messengers_base" {
  type    = any
  default = null
}

variable "backup" {
  type    = any
  default = null
}

variable "lambda_artifacts" {
  type    = any
  default = null
}

