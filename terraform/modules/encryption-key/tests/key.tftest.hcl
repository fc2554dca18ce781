mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1", key_id = "1" }
  }
}

variables {
  slug       = "kasper"
  account_id = "111122223333"
}

run "a_key_that_rotates_and_is_not_lost_at_once" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30 && aws_kms_alias.this.name == "alias/kasper"
    error_message = "The key rotates, can be brought back, and is found by its creator."
  }

  assert {
    condition = { for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Sid => [
      jsonencode(statement.Principal), jsonencode(statement.Action), jsonencode(try(statement.Condition, null)),
      ] } == {
      AccountDelegatesToIam = [jsonencode({ AWS = "arn:aws:iam::111122223333:root" }), "\"kms:*\"", "null"]
      CloudFrontReads = [
        jsonencode({ Service = "cloudfront.amazonaws.com" }), "\"kms:Decrypt\"",
        jsonencode({ ArnLike = { "aws:SourceArn" = "arn:aws:cloudfront::111122223333:distribution/*" } }),
      ]
    }
    error_message = "IAM decides in the account, and CloudFront reads on behalf of the account's distributions alone."
  }
}

run "refuses_another_kind_of_account" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}
