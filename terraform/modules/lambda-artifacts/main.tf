module "bucket" {
  source = "../private-bucket"

  bucket        = var.bucket
  versioned     = false # an object's key holds the hash of its content: nothing is ever overwritten
  force_destroy = true  # the build step makes every artifact again
  tags          = var.tags
}

locals {
  paths  = merge({ layer = var.layer.path }, { for name, package in var.packages : name => package.path })
  hashes = { for name, path in local.paths : name => filebase64sha256(path) }
}

# Functions take their code from S3 and not from a file: the provider creates functions that have a file one
# after another and holds its lock through the 5 s wait of each, while functions with a key are created side by side.
resource "aws_s3_object" "this" {
  for_each = local.paths

  bucket       = module.bucket.bucket_id
  key          = "${each.key}/${filesha256(each.value)}.zip"
  source       = each.value
  content_type = "application/zip"

  # S3 allows ten tags on an object, fewer than a creator may have.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    create_before_destroy = true
    # The key follows the content; the path differs between machines and must not show up as a change.
    ignore_changes = [source]
  }
}

resource "aws_lambda_layer_version" "this" {
  layer_name               = var.layer_name
  description              = "Libraries shared by the creator's functions"
  s3_bucket                = aws_s3_object.this["layer"].bucket
  s3_key                   = aws_s3_object.this["layer"].key
  source_code_hash         = local.hashes["layer"]
  compatible_runtimes      = [var.runtime]
  compatible_architectures = [var.architecture]

  lifecycle {
    create_before_destroy = true
  }
}
