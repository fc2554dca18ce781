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
    defaults = {
      id  = "kasper-sponsor-assets-111122223333"
      arn = "arn:aws:s3:::kasper-sponsor-assets-111122223333"
    }
  }
}

override_resource {
  target = module.sponsors.aws_dynamodb_table.this
  values = {
    arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsors"
    stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsors/stream/2026-05-20T12:00:00.000"
  }
}

override_resource {
  target = module.stats.aws_dynamodb_table.this
  values = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsor-stats" }
}

variables {
  rates            = { top = 12000, creator = 20000 }
  site_origins     = ["https://kasper.live", "https://www.kasper.live"]
  distribution_arn = "arn:aws:cloudfront::111122223333:distribution/E1"
  has_distribution = true
  mail = {
    actions    = ["ses:SendEmail"]
    resources  = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"]
    conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } }
  }
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    mail_from  = "hello@kasper.live"
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "sponsor-system/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "keeps_its_data_safe" {
  assert {
    condition     = output.sponsors_table == "kasper-sponsors" && output.sponsor_stats_table == "kasper-sponsor-stats" && output.sponsor_assets_bucket == "kasper-sponsor-assets-111122223333"
    error_message = "Tables and bucket hold the creator's slug in their names."
  }

  assert {
    condition     = keys(module.sponsors.index_arns) == ["gsi1", "person"] && length(module.stats.index_arns) == 0
    error_message = "Bookings are found by status in the index gsi1, and by their contact in the index person."
  }
}

run "answers_exactly_its_routes" {
  assert {
    condition = merge([for function in local.functions : try(function.routes, {})]...) == {
      "POST /bookings"                  = "public"
      "GET /bookings/{id}"              = "public"
      "POST /bookings/{id}/creative"    = "public"
      "POST /bookings/{id}/cancel"      = "public"
      "GET /bookings"                   = "operator"
      "GET /bookings/{id}/report"       = "operator"
      "PUT /bookings/{id}/approve"      = "operator"
      "PUT /bookings/{id}/reject"       = "operator"
      "PUT /bookings/{id}/cancel"       = "operator"
      "PUT /bookings/{id}/refund"       = "operator"
      "GET /sponsors/active"            = "public"
      "POST /sponsors/{id}/track/view"  = "public"
      "POST /sponsors/{id}/track/click" = "public"
    }
    error_message = "Operators' routes take signed calls only, and there is no other route."
  }

  assert {
    condition     = length(setsubtract([for route in keys(merge([for function in local.functions : try(function.routes, {})]...)) : route if startswith(route, "POST")], keys(output.route_throttles))) == 0 && output.route_throttles["POST /bookings"].rate <= 2
    error_message = "Public routes that write have limits of their own, and bookings a hard one."
  }

  assert {
    condition     = module.functions.names == { for name in keys(local.functions) : name => "kasper-${replace(name, "_", "-")}" }
    error_message = "Functions are named after the creator."
  }
}

run "works_in_the_background" {
  assert {
    condition     = jsondecode(local.functions.follow_booking.stream.filter) == { dynamodb = { NewImage = { sk = { S = ["BOOKING"] } } } }
    error_message = "Bookings are followed, and not what lies beside them."
  }

  assert {
    condition     = local.functions.turn_day.schedule == "cron(5 0 * * ? *)"
    error_message = "The day turns at midnight UTC."
  }

  assert {
    condition     = local.functions.check_creative.background && local.functions.check_creative.memory >= 1024
    error_message = "A picture that could not be looked at goes to the queue of failures; looking takes memory."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = jsonencode({
      for name, function in local.functions : name => {
        for permission in function.permissions : replace(replace(permission.resources[0], "/^.*(table|identity)/", "$1"), "/^arn:aws:s3:::kasper-sponsor-assets-111122223333/", "s3") => [for action in permission.actions : split(":", action)[1]]
      }
      }) == jsonencode({
      create_booking = {
        "table/kasper-sponsors" = ["GetItem", "PutItem", "BatchGetItem"]
        "s3/incoming/*"         = ["PutObject"]
      }
      own_booking = {
        "table/kasper-sponsors"      = ["GetItem", "PutItem", "DeleteItem", "BatchGetItem"]
        "table/kasper-sponsor-stats" = ["Query"]
        "s3/incoming/*"              = ["PutObject"]
      }
      list_bookings = {
        "table/kasper-sponsors/index/gsi1" = ["Query"]
        "table/kasper-sponsors"            = ["GetItem"]
        "table/kasper-sponsor-stats"       = ["Query"]
        "s3/media/creatives/*"             = ["GetObject"]
      }
      decide_booking      = { "table/kasper-sponsors" = ["GetItem", "PutItem", "DeleteItem", "BatchGetItem"] }
      get_active_sponsors = { "table/kasper-sponsors" = ["BatchGetItem"] }
      track_stats = {
        "table/kasper-sponsors"      = ["GetItem"]
        "table/kasper-sponsor-stats" = ["GetItem", "PutItem", "UpdateItem"]
      }
      check_creative = {
        "table/kasper-sponsors" = ["GetItem", "PutItem"]
        "s3/incoming/*"         = ["GetObject", "DeleteObject"]
        "s3"                    = ["ListBucket"]
        "s3/media/creatives/*"  = ["PutObject"]
      }
      follow_booking = {
        "table/kasper-sponsors" = ["PutItem", "DeleteItem"]
        "s3/media/creatives/*"  = ["DeleteObject"]
        "identity/kasper.live"  = ["SendEmail"]
      }
      turn_day = {
        "table/kasper-sponsors/index/gsi1" = ["Query"]
        "table/kasper-sponsors"            = ["GetItem", "PutItem", "DeleteItem", "BatchGetItem"]
        "table/kasper-sponsor-stats"       = ["Query"]
        "identity/kasper.live"             = ["SendEmail"]
      }
      sponsor_system_privacy = {
        "table/kasper-sponsors/index/person" = ["Query"]
        "table/kasper-sponsors"              = ["Query", "BatchGetItem", "GetItem", "PutItem", "DeleteItem"]
        "s3/media/creatives/*"               = ["DeleteObject"]
      }
    })
    error_message = "Each function has the permissions of its own code."
  }

  assert {
    condition     = alltrue(flatten([for function in local.functions : [for permission in function.permissions : length(permission.resources) == 1]]))
    error_message = "A permission is for one resource."
  }
}

run "a_site_may_be_missing" {
  variables {
    distribution_arn = null
    has_distribution = false
  }

  assert {
    condition     = output.sponsor_assets_bucket == "kasper-sponsor-assets-111122223333"
    error_message = "Without a site that reads them, creatives have their bucket all the same."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    currency = "JPY"
    rates    = { middle = 100 }
    max_days = 98
  }

  expect_failures = [var.currency, var.rates, var.max_days]
}

run "refuses_fractions_of_a_cent" {
  command = plan

  variables {
    rates = { top = 0.5 }
  }

  expect_failures = [var.rates]
}
