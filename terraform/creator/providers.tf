locals {
  default_tags = merge(var.tags, {
    creator    = var.slug
    wave       = var.wave
    managed-by = "fleet-tui"
  })
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  # The emulated AWS has neither host names for buckets nor an instance metadata service.
  s3_use_path_style       = var.emulated
  skip_metadata_api_check = var.emulated

  default_tags {
    tags = local.default_tags
  }
}

# The second region. It stays named while fail-over is being switched off: what is there has to be found to be removed.
provider "aws" {
  alias               = "standby"
  region              = coalesce(var.failover.region, var.region)
  allowed_account_ids = [var.account_id]

  s3_use_path_style       = var.emulated
  skip_metadata_api_check = var.emulated

  default_tags {
    tags = local.default_tags
  }
}

# CloudFront takes certificates and firewalls from us-east-1 only.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]

  s3_use_path_style       = var.emulated
  skip_metadata_api_check = var.emulated

  default_tags {
    tags = local.default_tags
  }
}
