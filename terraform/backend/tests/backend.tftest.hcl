mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::fleet-state-111122223333-eu-central-1"
    }
  }
}

variables {
  slug       = "kasper"
  account_id = "111122223333"
  region     = "eu-central-1"
  bucket     = "fleet-state-111122223333-eu-central-1"
}

run "keeps_states_safe" {
  command = plan

  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "Every state that was written can be brought back."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256" && one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled
    error_message = "States are encrypted."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
      one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced",
    ])
    error_message = "There is no public access, and no access control lists."
  }
}

run "takes_no_plain_http" {
  # Only planned, because a bucket that may not be destroyed cannot be cleaned up after a test.
  command = plan

  override_resource {
    target          = aws_s3_bucket.this
    override_during = plan
    values          = { arn = "arn:aws:s3:::fleet-state-111122223333-eu-central-1" }
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::fleet-state-111122223333-eu-central-1", "arn:aws:s3:::fleet-state-111122223333-eu-central-1/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "The policy refuses plain HTTP and grants nothing."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    slug       = "Kasper"
    account_id = "1234"
    region     = "frankfurt"
  }

  expect_failures = [var.slug, var.account_id, var.region]
}

run "refuses_another_creators_bucket" {
  command = plan

  variables {
    bucket = "fleet-state-999999999999-eu-central-1"
  }

  expect_failures = [var.bucket]
}
