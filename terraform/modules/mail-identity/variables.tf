variable "domain" {
  description = "The creator's domain, which mail is sent from, as kasper.live."
  type        = string
}

variable "zone_id" {
  description = "Id of the domain's zone, for the records that prove the domain to receivers. Null where the zone is kept elsewhere: the records are then waited for."
  type        = string
  default     = null
}

variable "has_zone" {
  description = "Whether zone_id is given; known before the zone is made."
  type        = bool
}

variable "production" {
  description = "Whether AWS has granted production access to SES. Until then mail reaches verified addresses only."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
