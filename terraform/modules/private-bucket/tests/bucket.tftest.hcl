mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      id  = "kasper-site-111122223333"
      arn = "arn:aws:s3:::kasper-site-111122223333"
    }
  }
}

variables {
  bucket = "kasper-site-111122223333"
}

run "is_private_encrypted_and_tls_only" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Every way of public access has to be blocked."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "Access control lists have to be off."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Objects have to be encrypted with SSE-S3."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::kasper-site-111122223333", "arn:aws:s3:::kasper-site-111122223333/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "Without service_access the policy holds nothing but the refusal of plain HTTP."
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "A bucket with objects in it is kept unless told otherwise."
  }
}

run "versioned_keeps_noncurrent_versions_for_a_while" {
  variables {
    noncurrent_days = 14
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this[0].versioning_configuration).status == "Enabled"
    error_message = "Versioning is on by default."
  }

  assert {
    condition = jsonencode({
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => one(rule.noncurrent_version_expiration[*].noncurrent_days)
    }) == jsonencode({ abort-unfinished-uploads = null, expire-noncurrent-versions = 14 })
    error_message = "Noncurrent versions expire after noncurrent_days and objects never."
  }
}

run "unversioned_expires_objects" {
  variables {
    versioned       = false
    expiration_days = 30
  }

  assert {
    condition     = length(aws_s3_bucket_versioning.this) == 0
    error_message = "versioned = false makes no versioning."
  }

  assert {
    condition = jsonencode({
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => one(rule.expiration[*].days)
    }) == jsonencode({ abort-unfinished-uploads = null, expire-objects = 30 })
    error_message = "Objects expire after expiration_days."
  }
}

run "a_service_gets_in_for_one_resource_only" {
  variables {
    service_access = [{
      sid        = "CloudFrontReads"
      service    = "cloudfront.amazonaws.com"
      actions    = ["s3:GetObject"]
      source_arn = "arn:aws:cloudfront::111122223333:distribution/E1"
    }]
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement[1] == {
      Sid       = "CloudFrontReads"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = ["s3:GetObject"]
      Resource  = "arn:aws:s3:::kasper-site-111122223333/*"
      Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::111122223333:distribution/E1" } }
    }
    error_message = "The service is let in on behalf of that resource only."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    bucket          = "Kasper_Site"
    noncurrent_days = 0
    expiration_days = 1.5
  }

  expect_failures = [var.bucket, var.noncurrent_days, var.expiration_days]
}
