mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-orders"
      stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-orders/stream/2026-01-01T00:00:00.000"
    }
  }
}

variables {
  creator = { slug = "kasper" }
  name    = "orders"
}

run "keeps_data_and_costs_nothing_by_itself" {
  assert {
    condition = (
      aws_dynamodb_table.this.name == "kasper-orders" && aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST" &&
      aws_dynamodb_table.this.deletion_protection_enabled && !aws_dynamodb_table.this.stream_enabled &&
      aws_dynamodb_table.this.ttl[0].attribute_name == "expires_at" && output.stream_arn == null
    )
    error_message = "On demand, protected, without a stream, and what has expired goes."
  }

  assert {
    condition     = one(aws_dynamodb_table.this.point_in_time_recovery).enabled && one(aws_dynamodb_table.this.point_in_time_recovery).recovery_period_in_days == 35
    error_message = "Every second of the last 35 days can be restored."
  }
}

run "indexes_and_a_stream" {
  variables {
    indexes          = { by_status = { hash_key = "status", range_key = "sk" } }
    stream_view_type = "KEYS_ONLY"
    recovery_days    = 1
    protect_data     = false
  }

  assert {
    condition     = toset(aws_dynamodb_table.this.attribute[*].name) == toset(["pk", "sk", "status"]) && output.index_arns["by_status"] == "${output.arn}/index/by_status"
    error_message = "The keys of an index are attributes of the table, once each."
  }

  assert {
    condition     = aws_dynamodb_table.this.stream_view_type == "KEYS_ONLY" && endswith(output.stream_arn, "00.000") && !aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "A stream tells what it was asked for, and data that is given up can go."
  }
}

run "a_key_of_its_own_and_a_replica" {
  variables {
    creator = {
      slug     = "kasper"
      key      = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1", standby_arn = "arn:aws:kms:eu-west-1:111122223333:key/2" }
      failover = { region = "eu-west-1" }
    }
    stream_view_type = "KEYS_ONLY"
  }

  assert {
    condition     = one(aws_dynamodb_table.this.server_side_encryption).kms_key_arn == "arn:aws:kms:eu-central-1:111122223333:key/1"
    error_message = "The table is encrypted with the creator's key."
  }

  assert {
    condition = (
      one(aws_dynamodb_table.this.replica).region_name == "eu-west-1" && one(aws_dynamodb_table.this.replica).point_in_time_recovery &&
      one(aws_dynamodb_table.this.replica).kms_key_arn == "arn:aws:kms:eu-west-1:111122223333:key/2"
    )
    error_message = "The replica has the second region's key, and can be restored, too."
  }

  assert {
    condition     = aws_dynamodb_table.this.stream_view_type == "NEW_AND_OLD_IMAGES" && output.stream_arn != null
    error_message = "Replicas need all of a change; who asked for keys goes on finding them."
  }
}

run "a_replica_keeps_nothing_for_longer" {
  command = plan

  variables {
    creator       = { slug = "kasper", failover = { region = "eu-west-1" } }
    recovery_days = 1
  }

  assert {
    condition     = !one(aws_dynamodb_table.this.replica).point_in_time_recovery && aws_dynamodb_table.this.stream_enabled && output.stream_arn == null
    error_message = "A replica's recovery knows no fewer days than 35, and a stream for replicas is nobody else's."
  }
}

run "refuses_what_dynamodb_does_not_have" {
  command = plan

  variables {
    name             = "Orders"
    indexes          = { by_status = { hash_key = "status", range_key = "sk", projection = "SOME" } }
    stream_view_type = "ALL"
    recovery_days    = 36
  }

  expect_failures = [var.name, var.indexes, var.stream_view_type, var.recovery_days]
}
