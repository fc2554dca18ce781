variable "slug" {
  description = "The creator's slug."
  type        = string
}

variable "domain" {
  description = "The creator's domain, as kasper.live; it is delegated to the zone."
  type        = string
}

variable "zone_id" {
  description = "Id of the domain's zone."
  type        = string
}

variable "api" {
  description = "The first region's API, with its stage; it is asked for its health under its own name, its endpoint."
  type        = object({ id = string, stage = string, endpoint = string })
}

variable "standby_api" {
  description = "The second region's API, with its stage."
  type        = object({ id = string, stage = string })
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
