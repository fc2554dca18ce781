# A creator's root module in small: what the console reads of the real one, and a few resources that an
# emulated AWS makes in a moment. `tags` in creator.toml say what there is:
#   size   how many parameters (3)
#   slow   how many zones, each of which takes the provider some 15 s (0)
#   table  "yes" makes a table, which holds data
#   reads  "yes" has the account asked for its parameters at every plan
#   change anything: the parameters' value
#   budget "yes" makes a parameter that says the monthly budget, and nothing else
terraform {
  required_version = ">= 1.11"

  backend "s3" {}

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                  = var.region
  allowed_account_ids     = [var.account_id]
  s3_use_path_style       = var.emulated
  skip_metadata_api_check = var.emulated

  default_tags {
    tags = { creator = var.slug, wave = var.wave, managed-by = "fleet-tui" }
  }
}

locals {
  size  = tonumber(lookup(var.tags, "size", "3"))
  slow  = tonumber(lookup(var.tags, "slow", "0"))
  table = lookup(var.tags, "table", "") == "yes"
}

resource "aws_ssm_parameter" "this" {
  count = local.size

  name  = "/${var.slug}/part-${count.index}"
  type  = "String"
  value = lookup(var.tags, "change", "first")
}

resource "aws_ssm_parameter" "budget" {
  count = lookup(var.tags, "budget", "") == "yes" ? 1 : 0

  name           = "/${var.slug}/budget"
  type           = "String"
  insecure_value = var.monthly_budget
}

data "aws_ssm_parameters_by_path" "this" {
  count = lookup(var.tags, "reads", "") == "yes" ? 1 : 0

  path = "/${var.slug}"
}

resource "aws_route53_zone" "this" {
  count = local.slow

  name = "part-${count.index}.${var.domain}"
}

resource "aws_dynamodb_table" "this" {
  count = local.table ? 1 : 0

  name                        = "${var.slug}-table"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.protect_data == true

  attribute {
    name = "id"
    type = "S"
  }
}

output "configuration_digest" {
  value = var.configuration_digest
}

output "creator" {
  value = { slug = var.slug, name = var.name, domain = var.domain, account_id = var.account_id, region = var.region }
}
