mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::example" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/example" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/example"
      stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/example/stream/2026-01-01T00:00:00.000"
    }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = {
      id       = "eu-central-1_example"
      arn      = "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_example"
      endpoint = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example"
    }
  }
  mock_resource "aws_sesv2_email_identity" {
    defaults = {
      arn                     = "arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"
      dkim_signing_attributes = { tokens = ["one", "two", "three"] }
    }
  }
  mock_resource "aws_ivschat_room" {
    defaults = { arn = "arn:aws:ivschat:eu-central-1:111122223333:room/abcdEFGHijkl" }
  }
  mock_resource "aws_ivschat_logging_configuration" {
    defaults = { arn = "arn:aws:ivschat:eu-central-1:111122223333:logging-configuration/abcdEFGHijkl" }
  }
  mock_resource "aws_ivs_channel" {
    defaults = { arn = "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:kasper-live" }
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

mock_provider "aws" {
  alias = "standby"

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::example-standby" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111122223333:key/2" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-west-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:example" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      api_endpoint  = "https://s2s2s2s2s2.execute-api.eu-west-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:s2s2s2s2s2"
    }
  }
  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:111122223333:layer:kasper-libraries:1" }
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
    packages     = { for name in ["user-auth", "ivs-streaming", "ivs-chat", "contact-form", "sponsor-system", "shop", "membership", "events", "polls", "newsletter", "analytics", "monitoring", "backup", "failover"] : name => { path = "outputs.tf" } }
  }
}

run "everything_off_leaves_nothing" {
  command   = plan
  state_key = "off"

  variables {
    lambda_artifacts = null
  }

  assert {
    condition = alltrue([for count in [
      length(module.s3_website), length(module.user_auth), length(module.ivs_streaming), length(module.ivs_chat),
      length(module.contact_form), length(module.sponsor_system), length(module.shop), length(module.http_api),
      length(module.lambda_artifacts), length(module.function_failures), length(module.mail_identity),
      length(module.encryption_key), length(module.bucket_replica), length(module.failover), length(module.second_region),
    ] : count == 0])
    error_message = "A module that is off leaves nothing behind, and what modules share goes with the last of them."
  }

  assert {
    condition = alltrue([for value in [
      output.api_id, output.api_endpoint, output.channel_arn, output.playback_url, output.ingest_endpoint,
      output.recordings_bucket, output.site_bucket, output.site_url, output.distribution_id, output.distribution_domain_name,
      output.name_servers, output.certificate_arn, output.sponsors_table, output.sponsor_stats_table, output.sponsor_assets_bucket,
      output.user_pool_id, output.user_pool_client_id, output.sign_in_url, output.chat_room_arn, output.streams_table,
      output.products_table, output.orders_table, output.stripe_secrets, output.failures_queue_arn,
      output.site_api_url, output.standby_api_endpoint, output.switch_table,
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
    enable_user_auth      = true
    enable_ivs_streaming  = true
    enable_ivs_chat       = true
    enable_contact_form   = true
    enable_sponsor_system = true
    enable_shop           = true
  }

  assert {
    condition     = jsonencode(output.enabled_modules) == jsonencode(["s3-website", "user-auth", "ivs-streaming", "ivs-chat", "contact-form", "sponsor-system", "shop"])
    error_message = "All modules are on, in the order of the file format."
  }

  assert {
    condition = alltrue([for value in [
      output.site_bucket, output.user_pool_id, output.recordings_bucket, output.streams_table, output.chat_room_arn,
      output.sponsors_table, output.sponsor_assets_bucket, output.products_table, output.orders_table, output.api_id,
      output.failures_queue_arn,
    ] : value != null])
    error_message = "Every module has its outputs."
  }

  assert {
    condition     = alltrue([for entry in output.waiting_for : contains(concat(output.enabled_modules, ["mail"]), entry.module) && entry.what != "" && entry.where != "" && entry.action != ""])
    error_message = "What is waited for says for which module, what, where, and which action."
  }

  assert {
    condition     = output.creator.slug == "kasper" && output.creator.monthly_budget == 150 && output.creator.contact == "ops@example.com"
    error_message = "The state says whose it is."
  }
}

run "a_second_region_and_a_key" {
  command   = plan
  state_key = "off"

  variables {
    enable_s3_website     = true
    s3_website            = { domain_ready = true }
    enable_user_auth      = true
    enable_ivs_streaming  = true
    enable_contact_form   = true
    enable_sponsor_system = true
    enable_shop           = true
    enable_failover       = true
    failover              = { region = "eu-west-1" }
    encryption            = { own_key = true }
  }

  assert {
    condition     = length(module.encryption_key) == 1 && length(module.encryption_key_standby) == 1 && local.key != null
    error_message = "There is a key in each region."
  }

  assert {
    condition     = toset(keys(module.bucket_replica)) == toset(["site", "creatives", "products"]) && alltrue([for name, media in local.media : media.has_standby == (name != "recordings")])
    error_message = "What visitors see has a copy, and recordings have none."
  }

  assert {
    condition     = length(module.second_region) == 1 && length(module.failover) == 1 && length(module.api_domain) == 1
    error_message = "The second region has an API, and both have one name."
  }

  assert {
    condition     = jsonencode(local.creator.failover) == jsonencode({ region = "eu-west-1", home = "eu-central-1", switch_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-region" }) && output.creator.standby_region == "eu-west-1"
    error_message = "Every function is told which region is which."
  }
}

run "a_second_region_of_a_site_alone" {
  command   = plan
  state_key = "off"

  variables {
    enable_s3_website = true
    enable_failover   = true
    failover          = { region = "eu-west-1" }
  }

  assert {
    condition     = keys(module.bucket_replica) == ["site"] && length(module.second_region) == 0 && length(module.failover) == 0 && length(module.api_domain) == 0 && local.key == null
    error_message = "Without an API there is none in the second region either."
  }
}

run "a_second_region_waits_for_no_domain" {
  command   = plan
  state_key = "off"

  variables {
    enable_s3_website = true
    enable_shop       = true
    enable_failover   = true
    failover          = { region = "eu-west-1" }
  }

  assert {
    condition     = length(module.second_region) == 1 && length(module.api_domain) == 0
    error_message = "The name for both regions comes once the domain is delegated, and nothing waits for it."
  }
}

run "refuses_a_second_region_that_is_none" {
  command   = plan
  state_key = "off"

  variables {
    enable_failover = true
  }

  expect_failures = [var.enable_failover]
}

run "the_api_goes_with_its_last_module" {
  command   = plan
  state_key = "on"

  variables {
    enable_s3_website = true
  }

  assert {
    condition     = length(module.http_api) == 0 && length(module.lambda_artifacts) == 0 && length(module.mail_identity) == 0 && output.api_endpoint == null && output.site_bucket != null
    error_message = "Without a module that has routes there is no API, without one that sends mail no identity, and the site stays."
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
    language       = "fr"
    monthly_budget = 0
    tags           = { creator = "somebody else" }
  }

  expect_failures = [
    var.slug, var.name, var.domain, var.account_id, var.region, var.contact, var.language, var.wave, var.monthly_budget, var.tags,
  ]
}

# A stream for members without members, where IVS is not; a tag that AWS refuses.
run "refuses_a_stream_that_nobody_can_watch" {
  command   = plan
  state_key = "off"

  variables {
    enable_ivs_streaming = true
    ivs_streaming        = { authorized_playback = true }
    region               = "eu-north-1"
    tags                 = { team = "a;b" }
  }

  expect_failures = [var.ivs_streaming, var.region, var.tags]
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

run "refuses_the_first_region_as_the_second" {
  command   = plan
  state_key = "off"

  variables {
    failover = { region = "eu-central-1" }
  }

  expect_failures = [var.failover]
}

run "tells_streaming_which_tier_may_watch" {
  command   = plan
  state_key = "off"

  variables {
    enable_user_auth     = true
    enable_ivs_streaming = true
    enable_membership    = true
    ivs_streaming        = { authorized_playback = true, playback_tier = "queen" }
    membership = {
      tiers = [
        { id = "bee", name = "Bee", price = 500, benefits = [] },
        { id = "queen", name = "Queen", price = 1500, benefits = [] },
      ]
    }
  }

  assert {
    condition = jsonencode(local.playback_tier) == jsonencode({
      table     = module.membership[0].table
      table_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-membership"
      tier      = "queen"
      tiers     = ["bee", "queen"]
    })
    error_message = "The function that gives playback tokens reads membership's own table, under the name that membership gives it."
  }
}
