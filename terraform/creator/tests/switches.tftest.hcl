mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::example" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { domain_name = "d111111abcdef8.cloudfront.net" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      api_endpoint  = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5"
    }
  }
  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1" }
  }
  mock_resource "aws_cloudfront_function" {
    defaults = { arn = "arn:aws:cloudfront::111122223333:function/kasper-clean-urls" }
  }
  mock_resource "aws_ivs_recording_configuration" {
    defaults = { arn = "arn:aws:ivs:eu-central-1:111122223333:recording-configuration/abcdEFGHijkl" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:111122223333:certificate/example"
      domain_validation_options = [
        { domain_name = "kasper.live", resource_record_name = "_a.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_1.acm-validations.aws." },
        { domain_name = "www.kasper.live", resource_record_name = "_b.www.kasper.live.", resource_record_type = "CNAME", resource_record_value = "_2.acm-validations.aws." },
      ]
    }
  }
}

# Any files do as artifacts: nothing looks into them.
variables {
  slug                 = "kasper"
  name                 = "Kasper Kast"
  domain               = "kasper.live"
  account_id           = "111122223333"
  region               = "eu-central-1"
  contact              = "ops@example.com"
  wave                 = "canary"
  tags                 = { Ort = "Köln 1/2" }
  monthly_budget       = 150
  configuration_digest = "5f2c"
  sponsor_system       = { rates = { top = 12000 } }
  lambda_artifacts = {
    runtime      = "python3.12"
    architecture = "arm64"
    layer        = { path = "main.tf" }
    packages     = { sponsor-system = { path = "outputs.tf" } }
  }
}

run "everything_off_leaves_nothing" {
  command   = plan
  state_key = "off"

  variables {
    lambda_artifacts = null
  }

  assert {
    condition     = length(module.s3_website) == 0 && length(module.ivs_streaming) == 0 && length(module.sponsor_system) == 0 && length(module.http_api) == 0 && length(module.lambda_artifacts) == 0
    error_message = "A module that is off leaves nothing behind, and what modules share goes with the last of them."
  }

  assert {
    condition = alltrue([for value in [
      output.api_id, output.api_endpoint, output.channel_arn, output.playback_url, output.ingest_endpoint, output.stream_key_value,
      output.recordings_bucket, output.site_bucket, output.site_url, output.distribution_id, output.distribution_domain_name,
      output.name_servers, output.certificate_arn, output.sponsors_table, output.sponsor_stats_table, output.sponsor_assets_bucket,
    ] : value == null])
    error_message = "Outputs of modules that are off are null."
  }

  assert {
    condition     = length(output.enabled_modules) == 0 && length(output.waiting_for) == 0 && output.configuration_digest == "5f2c"
    error_message = "Nothing is enabled or waited for, and the digest is recorded all the same."
  }
}

run "everything_on" {
  state_key = "on"

  variables {
    enable_s3_website     = true
    enable_ivs_streaming  = true
    enable_sponsor_system = true
  }

  assert {
    condition     = jsonencode(output.enabled_modules) == jsonencode(["s3-website", "ivs-streaming", "sponsor-system"])
    error_message = "All modules are on, in the order of the file format."
  }

  assert {
    condition     = alltrue([for value in [output.site_bucket, output.recordings_bucket, output.sponsors_table, output.sponsor_assets_bucket, output.api_id] : value != null])
    error_message = "Every module has its outputs."
  }

  assert {
    condition     = length(output.waiting_for) == 2
    error_message = "Delegation and certificate are waited for."
  }

  assert {
    condition     = output.creator.slug == "kasper" && output.creator.monthly_budget == 150 && output.creator.contact == "ops@example.com"
    error_message = "The state says whose it is."
  }
}

run "the_api_goes_with_its_last_module" {
  command   = plan
  state_key = "on"

  variables {
    enable_s3_website    = true
    enable_ivs_streaming = true
  }

  assert {
    condition     = length(module.http_api) == 0 && length(module.lambda_artifacts) == 0 && output.api_endpoint == null && output.site_bucket != null
    error_message = "Without a module that has routes there is no API, and the others stay."
  }
}

run "refuses_wrong_values" {
  command   = plan
  state_key = "off"

  variables {
    slug           = "Kasper"
    name           = ""
    domain         = "kasper"
    account_id     = "1234"
    region         = "frankfurt"
    contact        = "nobody"
    wave           = "first"
    monthly_budget = 0
    tags           = { creator = "somebody else" }
  }

  expect_failures = [
    var.slug, var.name, var.domain, var.account_id, var.region, var.contact, var.wave, var.monthly_budget, var.tags,
  ]
}

run "refuses_streaming_where_ivs_is_not" {
  command   = plan
  state_key = "off"

  variables {
    enable_ivs_streaming = true
    region               = "eu-north-1"
  }

  expect_failures = [var.region]
}

run "refuses_functions_that_were_not_built" {
  command   = plan
  state_key = "off"

  variables {
    enable_sponsor_system = true
    lambda_artifacts      = null
  }

  expect_failures = [var.lambda_artifacts]
}

run "refuses_tags_that_aws_refuses" {
  command   = plan
  state_key = "off"

  variables {
    tags = { team = "a;b" }
  }

  expect_failures = [var.tags]
}
