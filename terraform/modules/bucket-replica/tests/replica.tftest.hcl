mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/kasper-product-images-111122223333-replication" }
  }
}

mock_provider "aws" {
  alias = "standby"

  mock_resource "aws_s3_bucket" {
    defaults = {
      arn                         = "arn:aws:s3:::kasper-product-images-111122223333-standby"
      bucket_regional_domain_name = "kasper-product-images-111122223333-standby.s3.eu-west-1.amazonaws.com"
    }
  }
}

variables {
  bucket           = "kasper-product-images-111122223333"
  prefix           = "media/"
  account_id       = "111122223333"
  distribution_arn = "arn:aws:cloudfront::111122223333:distribution/E1"
  has_distribution = true
}

run "copies_and_deletes_what_visitors_see" {
  assert {
    condition = (
      one(aws_s3_bucket_replication_configuration.this.rule).status == "Enabled"
      && one(one(aws_s3_bucket_replication_configuration.this.rule).filter).prefix == "media/"
      && one(one(aws_s3_bucket_replication_configuration.this.rule).delete_marker_replication).status == "Enabled"
      && one(one(aws_s3_bucket_replication_configuration.this.rule).destination).bucket == "arn:aws:s3:::kasper-product-images-111122223333-standby"
    )
    error_message = "What is below the prefix is copied, and what is deleted is deleted."
  }

  assert {
    condition     = length(one(aws_s3_bucket_replication_configuration.this.rule).source_selection_criteria) == 0 && output.domain == "kasper-product-images-111122223333-standby.s3.eu-west-1.amazonaws.com"
    error_message = "Without a key of the creator's own there is nothing to select."
  }
}

run "the_role_may_copy_and_no_more" {
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.replication.policy).Statement : one(statement.Resource) => statement.Action } == {
      "arn:aws:s3:::kasper-product-images-111122223333"                 = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
      "arn:aws:s3:::kasper-product-images-111122223333/media/*"         = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
      "arn:aws:s3:::kasper-product-images-111122223333-standby/media/*" = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    }
    error_message = "S3 reads versions of the one bucket and writes into the other."
  }

  assert {
    condition = jsondecode(aws_iam_role.replication.assume_role_policy).Statement[0].Condition == {
      ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::kasper-product-images-111122223333" }
      StringEquals = { "aws:SourceAccount" = "111122223333" }
    }
    error_message = "S3 takes the role on for this bucket of this account only."
  }
}

run "keys_of_the_creators_own" {
  variables {
    key = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1", standby_arn = "arn:aws:kms:eu-west-1:111122223333:key/2" }
  }

  assert {
    condition     = one(one(one(aws_s3_bucket_replication_configuration.this.rule).destination).encryption_configuration).replica_kms_key_id == "arn:aws:kms:eu-west-1:111122223333:key/2"
    error_message = "The copy is encrypted with the second region's key."
  }

  assert {
    condition = [for statement in slice(jsondecode(aws_iam_role_policy.replication.policy).Statement, 3, 5) : [statement.Resource, statement.Action]] == [
      [["arn:aws:kms:eu-central-1:111122223333:key/1"], ["kms:Decrypt"]],
      [["arn:aws:kms:eu-west-1:111122223333:key/2"], ["kms:Encrypt", "kms:GenerateDataKey"]],
    ]
    error_message = "The role decrypts with the one key and encrypts with the other."
  }
}

run "refuses_a_prefix_that_is_none" {
  command = plan

  variables {
    prefix = "/media"
  }

  expect_failures = [var.prefix]
}
