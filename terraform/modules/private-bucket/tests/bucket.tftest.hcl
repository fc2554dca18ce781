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

run "is_no_place_to_upload_to_unless_told_so" {
  assert {
    condition     = length(aws_s3_bucket_cors_configuration.this) == 0 && length(aws_s3_bucket_notification.this) == 0 && length(aws_lambda_permission.notify) == 0
    error_message = "No page may upload, and no function is called."
  }
}

run "takes_uploads_calls_a_function_and_forgets_them" {
  variables {
    upload_origins         = ["https://kasper.live", "https://www.kasper.live"]
    prefix_expiration_days = { "incoming/" = 1 }
    notify = {
      prefix        = "incoming/"
      function_name = "kasper-check-creative"
      function_arn  = "arn:aws:lambda:eu-central-1:111122223333:function:kasper-check-creative"
      account_id    = "111122223333"
    }
  }

  assert {
    condition = jsonencode([for rule in aws_s3_bucket_cors_configuration.this[0].cors_rule : [rule.allowed_methods, rule.allowed_origins]]) == jsonencode([
      [["POST"], ["https://kasper.live", "https://www.kasper.live"]]
    ])
    error_message = "Pages of these origins may post, and nothing else."
  }

  assert {
    condition = jsonencode([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [one(rule.filter).prefix, one(rule.expiration).days, one(rule.noncurrent_version_expiration).noncurrent_days] if rule.id == "expire-incoming"
    ]) == jsonencode([["incoming/", 1, 1]])
    error_message = "What was uploaded is gone after a day, and so are its versions."
  }

  assert {
    condition = jsonencode([for call in aws_s3_bucket_notification.this[0].lambda_function : [call.events, call.filter_prefix, call.lambda_function_arn]]) == jsonencode([
      [["s3:ObjectCreated:*"], "incoming/", "arn:aws:lambda:eu-central-1:111122223333:function:kasper-check-creative"]
    ])
    error_message = "The function is called for what is created below the prefix only."
  }

  assert {
    condition = (
      aws_lambda_permission.notify[0].source_arn == "arn:aws:s3:::kasper-site-111122223333"
      && aws_lambda_permission.notify[0].source_account == "111122223333"
      && aws_lambda_permission.notify[0].principal == "s3.amazonaws.com"
    )
    error_message = "S3 may call it for this bucket of this account only."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    bucket          = "Kasper_Site"
    noncurrent_days = 0
    expiration_days = 1.5
    upload_origins  = ["*"]

    prefix_expiration_days = { "/incoming" = 1 }
  }

  expect_failures = [var.bucket, var.noncurrent_days, var.expiration_days, var.upload_origins, var.prefix_expiration_days]
}

run "a_key_of_the_creators_own" {
  command = plan

  variables {
    key = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1" }
  }

  assert {
    condition = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default) == {
      sse_algorithm = "aws:kms", kms_master_key_id = "arn:aws:kms:eu-central-1:111122223333:key/1"
    }
    error_message = "Objects are encrypted with the key."
  }
}
