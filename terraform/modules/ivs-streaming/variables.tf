variable "slug" {
  description = "The creator's slug: name of the channel and part of every other name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.slug))
    error_message = "A slug has 3 to 24 lower-case letters, digits and hyphens, first a letter, last no hyphen."
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

variable "channel_type" {
  description = "Channel type: BASIC, STANDARD, ADVANCED_SD or ADVANCED_HD."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"], var.channel_type)
    error_message = "The channel type is BASIC, STANDARD, ADVANCED_SD or ADVANCED_HD."
  }
}

variable "latency_mode" {
  description = "LOW for interaction with viewers, NORMAL for the smoothest playback."
  type        = string
  default     = "LOW"

  validation {
    condition     = contains(["LOW", "NORMAL"], var.latency_mode)
    error_message = "The latency mode is LOW or NORMAL."
  }
}

variable "recording" {
  description = "Whether streams are recorded."
  type        = bool
  default     = true
}

variable "recording_retention_days" {
  description = "Days that a recording is kept."
  type        = number
  default     = 30

  validation {
    condition     = var.recording_retention_days >= 1 && var.recording_retention_days <= 3650 && floor(var.recording_retention_days) == var.recording_retention_days
    error_message = "Recordings are kept for 1 to 3650 whole days."
  }
}

variable "authorized_playback" {
  description = "Whether viewers need a signed playback token."
  type        = bool
  default     = false
}

variable "playback_public_key" {
  description = "Public key (PEM, ECDSA P-384) that playback tokens are checked with. Null imports none."
  type        = string
  default     = null

  validation {
    condition     = var.playback_public_key == null ? true : startswith(trimspace(var.playback_public_key), "-----BEGIN PUBLIC KEY-----")
    error_message = "The playback key is a public key in PEM form."
  }
}

variable "protect_data" {
  description = "Whether recordings keep their bucket from being destroyed."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
