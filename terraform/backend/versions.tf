terraform {
  required_version = ">= 1.11" # S3's own state locking

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  # The emulated AWS has neither host names for buckets nor an instance metadata service.
  s3_use_path_style       = var.emulated
  skip_metadata_api_check = var.emulated

  default_tags {
    tags = merge(var.tags, {
      creator    = var.slug
      managed-by = "fleet-tui"
    })
  }
}
