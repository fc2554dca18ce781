mock_provider "aws" {
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id            = "a1b2c3d4e5"
      api_endpoint  = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/vendedlogs/apigateway/kasper"
    }
  }
}

variables {
  name         = "kasper"
  cors_origins = ["https://kasper.live", "https://www.kasper.live"]
}

run "serves_the_creators_own_pages" {
  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].allow_origins == toset(["https://kasper.live", "https://www.kasper.live"])
    error_message = "Only the creator's own origins may call the API from a page."
  }

  assert {
    condition     = !contains(aws_apigatewayv2_api.this.cors_configuration[0].allow_methods, "*") && !contains(aws_apigatewayv2_api.this.cors_configuration[0].allow_headers, "*") && aws_apigatewayv2_api.this.cors_configuration[0].allow_credentials != true
    error_message = "Pages send what the routes take, and never cookies."
  }

  assert {
    condition     = output.api_endpoint == "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
    error_message = "The endpoint is AWS's own."
  }
}

run "logs_no_personal_data" {
  assert {
    condition     = length(regexall("identity|authorizer|path", aws_apigatewayv2_stage.this.access_log_settings[0].format)) == 0
    error_message = "Access logs name neither a caller nor an address, nor a path with an id in it."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "Access logs are kept for 30 days."
  }
}

run "throttles" {
  variables {
    route_throttles = { "POST /bookings" = { rate = 2, burst = 5 } }
  }

  assert {
    condition     = aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 50 && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 100
    error_message = "Every route has a limit."
  }

  assert {
    condition = {
      for settings in aws_apigatewayv2_stage.this.route_settings : settings.route_key => [settings.throttling_rate_limit, settings.throttling_burst_limit]
    } == { "POST /bookings" = [2, 5] }
    error_message = "A route may have a limit of its own."
  }
}

run "raises_an_alarm_on_server_errors" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.server_errors.dimensions == tomap({ ApiId = "a1b2c3d4e5", Stage = "$default" }) && aws_cloudwatch_metric_alarm.server_errors.metric_name == "5xx"
    error_message = "The alarm looks at this API's 5xx answers."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    name             = "Kasper Kast"
    cors_origins     = ["https://*.live"]
    default_throttle = { rate = 0, burst = 1 }
    route_throttles  = { "POST /bookings" = { rate = 1, burst = 0 } }
  }

  expect_failures = [var.name, var.cors_origins, var.default_throttle, var.route_throttles]
}

run "refuses_to_be_called_from_anywhere" {
  command = plan

  variables {
    cors_origins = []
  }

  expect_failures = [var.cors_origins]
}

run "checks_members_by_their_own_user_pool" {
  variables {
    has_members = true
    members     = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "1example" }
  }

  assert {
    condition = (
      aws_apigatewayv2_authorizer.members[0].authorizer_type == "JWT"
      && aws_apigatewayv2_authorizer.members[0].jwt_configuration[0].issuer == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper"
      && aws_apigatewayv2_authorizer.members[0].jwt_configuration[0].audience == toset(["1example"])
    )
    error_message = "Tokens of this user pool and this client are taken, and no others."
  }
}
