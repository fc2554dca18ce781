mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/example" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::kasper-analytics-111122223333" }
  }
  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:eu-central-1:111122223333:deliverystream/kasper-analytics" }
  }
}

override_module {
  target = module.figures
  outputs = {
    name = "kasper-analytics"
    arn  = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-analytics"
  }
}

override_module {
  target = module.visits
  outputs = {
    name = "kasper-analytics-visits"
    arn  = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-analytics-visits"
  }
}

override_module {
  target = module.events
  outputs = {
    bucket_id  = "kasper-analytics-111122223333"
    bucket_arn = "arn:aws:s3:::kasper-analytics-111122223333"
  }
}

variables {
  settings    = { retention_days = 90, public_counters = true }
  channel_arn = "arn:aws:ivs:eu-central-1:111122223333:channel/abcDEF123456"
  has_channel = true
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    members    = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "kasperclient" }
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5", authorizer_id = "members" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "analytics/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "events_go_into_the_bucket_and_into_the_catalogue" {
  assert {
    condition = (
      aws_kinesis_firehose_delivery_stream.events.name == "kasper-analytics"
      && one(aws_kinesis_firehose_delivery_stream.events.server_side_encryption).enabled
      && one(aws_kinesis_firehose_delivery_stream.events.extended_s3_configuration).compression_format == "GZIP"
      && one(aws_kinesis_firehose_delivery_stream.events.extended_s3_configuration).prefix == "events/day=!{timestamp:yyyy-MM-dd}/"
      && startswith(one(aws_kinesis_firehose_delivery_stream.events.extended_s3_configuration).error_output_prefix, "errors/")
    )
    error_message = "Events are encrypted, compressed, and lie below their day."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.delivery.policy).Statement == [
      {
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Resource = ["arn:aws:s3:::kasper-analytics-111122223333/events/*", "arn:aws:s3:::kasper-analytics-111122223333/errors/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = ["arn:aws:s3:::kasper-analytics-111122223333"]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-central-1:111122223333:log-group:example:log-stream:delivery"]
      },
    ]
    error_message = "Firehose may write below two prefixes and into one log, and nothing else."
  }

  assert {
    condition = (
      jsondecode(aws_iam_role.delivery.assume_role_policy).Statement[0].Principal == { Service = "firehose.amazonaws.com" }
      && jsondecode(aws_iam_role.delivery.assume_role_policy).Statement[0].Condition == { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    )
    error_message = "Firehose delivers for this account alone."
  }

  assert {
    condition = (
      aws_glue_catalog_database.this.name == "kasper_analytics"
      && aws_glue_catalog_table.events.parameters["projection.enabled"] == "true"
      && aws_glue_catalog_table.events.parameters["projection.day.range"] == "NOW-91DAYS,NOW"
      && aws_glue_catalog_table.events.parameters["storage.location.template"] == "s3://kasper-analytics-111122223333/events/day=$${day}/"
      && one(aws_glue_catalog_table.events.partition_keys).name == "day"
      && toset(one(aws_glue_catalog_table.events.storage_descriptor).columns[*].name) == toset(keys(local.columns))
    )
    error_message = "The catalogue knows the days by the names of their folders, without a crawler."
  }

  assert {
    condition = (
      one(aws_athena_workgroup.this.configuration).bytes_scanned_cutoff_per_query == 1073741824
      && one(aws_athena_workgroup.this.configuration).enforce_workgroup_configuration
      && alltrue([for question in aws_athena_named_query.this : question.database == "kasper_analytics"])
    )
    error_message = "A question has a limit that nobody gets around."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.undelivered.metric_name == "DeliveryToS3.DataFreshness"
      && aws_cloudwatch_metric_alarm.undelivered.dimensions == tomap({ DeliveryStreamName = "kasper-analytics" })
      && aws_cloudwatch_metric_alarm.undelivered.treat_missing_data == "notBreaching"
    )
    error_message = "What cannot be delivered raises an alarm long before it is lost."
  }
}

run "functions_answer_their_routes_and_may_do_what_they_need" {
  assert {
    condition = { for name, function in local.functions : name => function.routes if can(function.routes) } == {
      collect_view = { "POST /analytics/collect" = "public" }
      get_counters = { "GET /analytics/counters" = "public" }
      read_analytics = {
        for route, by in merge([for path in ["days", "days/{day}", "export", "streams"] : {
          "GET /analytics/${path}"          = "admin"
          "GET /operator/analytics/${path}" = "operator"
        }]...) : route => by
      }
    }
    error_message = "Everyone may be counted and see counters; figures are for admins and operators."
  }

  assert {
    condition     = jsonencode(output.route_throttles) == jsonencode({ "GET /analytics/counters" = { rate = 50, burst = 200 }, "POST /analytics/collect" = { rate = 20, burst = 200 } })
    error_message = "Public routes have hard limits."
  }

  assert {
    condition = jsonencode({ for name, function in local.functions : name => function.permissions }) == jsonencode({
      collect_view = [
        { actions = ["firehose:PutRecord"], resources = ["arn:aws:firehose:eu-central-1:111122223333:deliverystream/kasper-analytics"] },
        { actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.visits] },
        { actions = ["dynamodb:GetItem"], resources = [local.visits], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } } },
        { actions = ["dynamodb:UpdateItem"], resources = [local.figures], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PAGE*" } } },
      ]
      get_counters = [
        { actions = ["dynamodb:GetItem"], resources = [local.figures], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PAGE#*" } } },
      ]
      read_analytics = [
        { actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = [local.figures] },
      ]
      roll_up_days = [
        { actions = ["s3:ListBucket"], resources = ["arn:aws:s3:::kasper-analytics-111122223333"], conditions = { StringLike = { "s3:prefix" = "events/*" } } },
        { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::kasper-analytics-111122223333/events/*"] },
        { actions = ["dynamodb:PutItem"], resources = [local.figures] },
        { actions = ["dynamodb:DeleteItem"], resources = [local.visits], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } } },
        { actions = ["cloudwatch:GetMetricData"], resources = ["*"] },
      ]
    })
    error_message = "Nobody public reads events or figures, and only what adds up writes figures."
  }

  assert {
    condition     = local.functions.roll_up_days.schedule == "cron(30 2 * * ? *)" && module.functions.names.roll_up_days == "kasper-roll-up-days"
    error_message = "Days are added up at night."
  }
}

run "without_counters_and_channel_and_with_a_key" {
  variables {
    settings    = { retention_days = 2, public_counters = false }
    channel_arn = null
    has_channel = false
    creator = {
      slug       = "kasper"
      name       = "Kasper Kast"
      domain     = "kasper.live"
      account_id = "111122223333"
      language   = "de"
      key        = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1" }
    }
  }

  assert {
    condition = (
      !contains(keys(local.functions), "get_counters")
      && !contains(flatten(local.functions.roll_up_days.permissions[*].actions), "cloudwatch:GetMetricData")
      && aws_glue_catalog_table.events.parameters["projection.day.range"] == "NOW-3DAYS,NOW"
      && keys(output.standby.functions) == ["read_analytics"]
    )
    error_message = "What is off has no function, no permission and no route, in no region."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.delivery.policy).Statement[3] == {
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = ["arn:aws:kms:eu-central-1:111122223333:key/1"]
      Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
    }
    error_message = "Firehose may use the creator's own key, through S3."
  }
}

run "refuses_to_forget_before_it_has_added_up" {
  command = plan

  variables {
    settings = { retention_days = 1, public_counters = true }
  }

  expect_failures = [var.settings]
}
