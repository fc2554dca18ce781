variable "bucket" {
  description = "Name of the bucket that holds the artifacts."
  type        = string
}

variable "layer_name" {
  description = "Name of the layer that all packages share."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.layer_name))
    error_message = "A layer name has 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "runtime" {
  description = "Lambda runtime that the artifacts are built for."
  type        = string

  validation {
    condition     = can(regex("^python3\\.[0-9]+$", var.runtime))
    error_message = "The runtime is a Python runtime such as python3.12."
  }
}

variable "architecture" {
  description = "Instruction set that the artifacts are built for: arm64 or x86_64."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "layer" {
  description = "Zip file of the layer."
  type        = object({ path = string })

  validation {
    condition     = fileexists(var.layer.path)
    error_message = "The layer's zip file does not exist: build the artifacts first."
  }
}

variable "packages" {
  description = "Zip files of the functions' code, by module name."
  type        = map(object({ path = string }))

  validation {
    condition     = !contains(keys(var.packages), "layer")
    error_message = "A package cannot be called layer: that name is the layer's own."
  }

  validation {
    condition     = alltrue([for package in var.packages : fileexists(package.path)])
    error_message = "A package's zip file does not exist: build the artifacts first."
  }
}

variable "tags" {
  description = "Tags of the bucket, besides the provider's default tags."
  type        = map(string)
  default     = {}
}
