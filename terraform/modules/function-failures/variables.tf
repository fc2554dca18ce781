variable "slug" {
  description = "The creator's slug, part of every name."
  type        = string
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
