mock_provider "aws" {
  mock_resource "aws_ivs_channel" {
    defaults = {
      arn                         = "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl"
      playback_url                = "https://a1b2.eu-central-1.playback.live-video.net/channel.m3u8"
      ingest_endpoint             = "a1b2.global-contribute.live-video.net"
      recording_configuration_arn = ""
    }
  }
  mock_resource "aws_ivs_recording_configuration" {
    defaults = { arn = "arn:aws:ivs:eu-central-1:111122223333:recording-configuration/abcdEFGHijkl" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams"
      stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams/stream/2026"
    }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::kasper-recordings-111122223333" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:kasper-live" }
  }
  mock_resource "aws_sns_topic_subscription" {
    defaults = { pending_confirmation = true }
  }
  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:eu-central-1:111122223333:key/8f0f7a3e-0000-4000-8000-00000000cafe"
      key_id = "8f0f7a3e-0000-4000-8000-00000000cafe"
    }
  }
  mock_data "aws_kms_public_key" {
    defaults = { public_key_pem = "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE\n-----END PUBLIC KEY-----\n" }
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
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/example" }
  }
}

variables {
  contact          = "ops@example.com"
  has_distribution = true
  distribution_arn = "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE"
  failures_arn     = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    members    = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "kasperclient" }
  }
  api = {
    id            = "a1b2c3d4e5"
    execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5"
    authorizer_id = "members"
  }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "ivs-streaming/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
}

run "streams_to_everyone_and_records" {
  assert {
    condition     = aws_ivs_channel.this.name == "kasper" && aws_ivs_channel.this.type == "STANDARD" && aws_ivs_channel.this.latency_mode == "LOW" && !aws_ivs_channel.this.authorized
    error_message = "A STANDARD low-latency channel, open to everyone, named after the creator."
  }

  assert {
    condition     = aws_ivs_channel.this.recording_configuration_arn == aws_ivs_recording_configuration.this[0].arn && aws_ivs_recording_configuration.this[0].destination_configuration[0].s3[0].bucket_name == output.recordings_bucket
    error_message = "The channel records into the module's bucket."
  }

  assert {
    condition     = output.streams_table == "kasper-streams"
    error_message = "The table has the creator's name."
  }

  assert {
    condition     = length(aws_kms_key.playback) == 0 && length(aws_ivs_playback_key_pair.this) == 0
    error_message = "An open channel has no key, which would cost a dollar a month."
  }

  assert {
    condition     = jsonencode([for waiting in output.waiting_for : [waiting.module, waiting.what]]) == jsonencode([["ivs-streaming", "Confirmation of live notices to ops@example.com"]])
    error_message = "The creator's contact has yet to agree to live notices, and nothing waits for it."
  }

  assert {
    condition     = toset(keys(output.route_throttles)) == toset(["GET /live", "GET /videos", "GET /stream-key", "POST /stream-key/rotate"])
    error_message = "What every page asks for has a high limit, what nobody should ask for often a low one."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = jsonencode({ for name, function in local.functions : name => { for permission in function.permissions : join(" ", permission.resources) => permission.actions } }) == jsonencode({
      record_stream_state = {
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams" = ["dynamodb:GetItem", "dynamodb:PutItem"]
        "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl"      = ["ivs:GetStream"]
        "arn:aws:sns:eu-central-1:111122223333:kasper-live"               = ["sns:Publish"]
        "arn:aws:s3:::kasper-recordings-111122223333/ivs/v1/*"            = ["s3:GetObject"]
        "arn:aws:s3:::kasper-recordings-111122223333"                     = ["s3:ListBucket"]
      }
      reconcile_recordings = {
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams"            = ["dynamodb:GetItem", "dynamodb:PutItem"]
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams/index/gsi1" = ["dynamodb:Query"]
        "arn:aws:s3:::kasper-recordings-111122223333/ivs/v1/*"                       = ["s3:GetObject", "s3:DeleteObject"]
        "arn:aws:s3:::kasper-recordings-111122223333"                                = ["s3:ListBucket"]
      }
      get_streams = {
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams"            = ["dynamodb:GetItem"]
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams/index/gsi1" = ["dynamodb:Query"]
      }
      manage_stream_key = {
        "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl" = ["ivs:GetStream", "ivs:StopStream"]
        "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl arn:aws:ivs:eu-central-1:111122223333:stream-key/*" = [
          "ivs:ListStreamKeys", "ivs:GetStreamKey", "ivs:CreateStreamKey", "ivs:DeleteStreamKey",
        ]
      }
      manage_videos = {
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams"            = ["dynamodb:GetItem", "dynamodb:PutItem"]
        "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-streams/index/gsi1" = ["dynamodb:Query"]
      }
    })
    error_message = "Each function has the permissions of its own code."
  }

  assert {
    condition = { for name, function in local.functions : name => function.routes if can(function.routes) } == {
      get_streams       = { "GET /live" = "public", "GET /videos" = "public" }
      manage_stream_key = { "GET /stream-key" = "operator", "POST /stream-key/rotate" = "operator" }
      manage_videos     = { "PUT /live" = "operator", "GET /recordings" = "operator", "PUT /videos/{id}" = "operator", "DELETE /videos/{id}" = "operator" }
    }
    error_message = "What changes something or shows the key is for signed operators."
  }

  assert {
    condition = jsondecode(local.functions.record_stream_state.events.ivs) == {
      source        = ["aws.ivs"]
      account       = ["111122223333"]
      resources     = ["arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl"]
      "detail-type" = ["IVS Stream State Change", "IVS Stream Health Change", "IVS Recording State Change"]
    } && local.functions.record_stream_state.schedule == "rate(1 minute)"
    error_message = "Events of this channel alone are heard, and the channel is looked at every minute."
  }

  assert {
    condition     = jsondecode(local.functions.reconcile_recordings.stream.filter) == { dynamodb = { NewImage = { gsi1pk = { S = ["RECORDING#removing"] } } } } && local.functions.reconcile_recordings.schedule == "rate(1 hour)"
    error_message = "A recording that is deleted is removed at once, and what is left of it every hour."
  }

  assert {
    condition = local.environment == {
      STREAMS_TABLE            = "kasper-streams"
      CHANNEL_ARN              = "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl"
      PLAYBACK_URL             = "https://a1b2.eu-central-1.playback.live-video.net/channel.m3u8"
      INGEST_ENDPOINT          = "a1b2.global-contribute.live-video.net"
      AUTHORIZED_PLAYBACK      = "false"
      PLAYBACK_KEY_ID          = ""
      MEMBERSHIP_TABLE         = ""
      PLAYBACK_TIER            = ""
      TIERS                    = ""
      RECORDINGS_BUCKET        = output.recordings_bucket
      RECORDINGS_SERVED        = "true"
      RECORDING_RETENTION_DAYS = "30"
      LIVE_TOPIC_ARN           = "arn:aws:sns:eu-central-1:111122223333:kasper-live"
    }
    error_message = "The environment is what the functions' settings read."
  }

  assert {
    condition = jsonencode(local.recordings_access) == jsonencode([{
      sid        = "CloudFrontReads"
      service    = "cloudfront.amazonaws.com"
      actions    = ["s3:GetObject"]
      keys       = "ivs/v1/*/media/*"
      source_arn = "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE"
    }])
    error_message = "The site's distribution reads the media of recordings, and nothing else does."
  }
}

run "notices_go_to_the_contact" {
  assert {
    condition     = aws_sns_topic.live[0].name == "kasper-live" && aws_sns_topic.live[0].kms_master_key_id == "alias/aws/sns"
    error_message = "The topic is named after the creator and encrypted."
  }

  assert {
    condition     = aws_sns_topic_subscription.contact[0].protocol == "email" && aws_sns_topic_subscription.contact[0].endpoint == "ops@example.com"
    error_message = "The contact is subscribed by e-mail."
  }

  assert {
    condition     = [for statement in jsondecode(aws_sns_topic_policy.live[0].policy).Statement : [statement.Effect, statement.Condition.Bool["aws:SecureTransport"]]] == [["Deny", "false"]]
    error_message = "Publishing takes TLS."
  }
}

run "without_recording_and_notices_nothing_of_them_is_left" {
  variables {
    recording    = false
    live_notice  = false
    channel_type = "BASIC"
    latency_mode = "NORMAL"
    protect_data = false
  }

  # What AWS says of a channel that has just been made anew.
  override_resource {
    target = aws_ivs_channel.this
    values = { recording_configuration_arn = "" }
  }

  state_key = "without_recording"

  assert {
    condition = (
      length(aws_ivs_recording_configuration.this) == 0 && length(module.recordings) == 0 && output.recordings_bucket == null
      && output.recordings_domain == null && length(aws_cloudwatch_metric_alarm.recordings) == 0
    )
    error_message = "recording = false leaves no configuration, no bucket and no alarm."
  }

  assert {
    condition     = jsonencode(keys(local.functions)) == jsonencode(["get_streams", "manage_stream_key", "manage_videos", "record_stream_state"])
    error_message = "Nothing looks for recordings, and nothing signs tokens."
  }

  assert {
    condition     = !strcontains(jsonencode(local.functions), ":s3:::") && !strcontains(jsonencode(local.functions), ":sns:")
    error_message = "No function may do what there is nothing to do with."
  }

  assert {
    condition     = local.environment.RECORDINGS_BUCKET == "" && local.environment.LIVE_TOPIC_ARN == "" && local.environment.RECORDINGS_SERVED == "false"
    error_message = "No function is told of what there is not."
  }

  assert {
    condition     = length(aws_sns_topic.live) == 0 && length(aws_sns_topic_subscription.contact) == 0 && length(output.waiting_for) == 0
    error_message = "live_notice = false leaves no topic, and nobody has to do anything."
  }

  assert {
    condition     = aws_ivs_channel.this.type == "BASIC" && aws_ivs_channel.this.latency_mode == "NORMAL"
    error_message = "Type and latency mode are as asked for."
  }
}

run "a_channel_that_goes_on_recording_is_not_left_behind" {
  variables {
    recording = false
  }

  # The state of the first run: the channel holds its recording configuration.
  command         = plan
  expect_failures = [aws_ivs_channel.this]
}

run "members_only_has_a_key_that_nobody_holds" {
  state_key = "authorized"

  variables {
    authorized_playback = true
    playback_tier = {
      tier      = "queen"
      tiers     = ["bee", "queen"]
      table     = "kasper-membership"
      table_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-membership"
    }
  }

  assert {
    condition = (
      aws_ivs_channel.this.authorized
      && aws_kms_key.playback[0].customer_master_key_spec == "ECC_NIST_P384"
      && aws_kms_key.playback[0].key_usage == "SIGN_VERIFY"
      && aws_ivs_playback_key_pair.this[0].name == "kasper"
      && startswith(aws_ivs_playback_key_pair.this[0].public_key, "-----BEGIN PUBLIC KEY-----")
    )
    error_message = "KMS has the key pair, and IVS its public half."
  }

  assert {
    condition = jsonencode(local.functions.issue_playback_token) == jsonencode({
      description = "Lets a member watch"
      permissions = [
        {
          actions    = ["kms:Sign"]
          conditions = { StringEquals = { "kms:SigningAlgorithm" = "ECDSA_SHA_384" } }
          resources  = ["arn:aws:kms:eu-central-1:111122223333:key/8f0f7a3e-0000-4000-8000-00000000cafe"]
        },
        {
          actions    = ["dynamodb:GetItem"]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "ENTITLEMENT#*" } }
          resources  = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-membership"]
        },
      ]
      routes   = { "POST /live/token" = "member" }
      throttle = { burst = 100, rate = 25 }
      timeout  = 5
    }) && local.environment.PLAYBACK_KEY_ID == "8f0f7a3e-0000-4000-8000-00000000cafe"
    error_message = "One function may sign, with one key and one algorithm, for members, and read what they are entitled to."
  }

  assert {
    condition     = [local.environment.MEMBERSHIP_TABLE, local.environment.PLAYBACK_TIER, local.environment.TIERS] == ["kasper-membership", "queen", "[\"bee\",\"queen\"]"]
    error_message = "It is told which tier may watch, and which are above it."
  }

  assert {
    condition     = length(local.recordings_access) == 0 && local.environment.RECORDINGS_SERVED == "false"
    error_message = "The site does not serve recordings of streams that are for members."
  }

  assert {
    condition     = output.route_throttles["POST /live/token"].rate == 25
    error_message = "Members get their tokens by a route of their own."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    channel_type             = "ADVANCED"
    latency_mode             = "ULTRA"
    recording_retention_days = 0
    playback_tier            = { tier = "queen", tiers = ["bee"], table = "kasper-membership", table_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-membership" }
  }

  expect_failures = [var.channel_type, var.latency_mode, var.recording_retention_days, var.playback_tier]
}
