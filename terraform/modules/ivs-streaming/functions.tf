locals {
  streams     = module.streams.arn
  by_index    = module.streams.index_arns["gsi1"]
  channel     = aws_ivs_channel.this.arn
  buckets     = var.recording ? [module.recordings[0].bucket_arn] : []
  stream_keys = "${split(":channel/", aws_ivs_channel.this.arn)[0]}:stream-key/*" # the account has one channel

  # What each function answers, who may call it, and all that it may do. Without the permission to list, S3 answers
  # "forbidden" for what is not there: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  every = {
    record_stream_state = {
      description = "Keeps what is known of the channel and sends live notices"
      timeout     = 30
      schedule    = "rate(1 minute)"
      events = {
        ivs = jsonencode({
          source        = ["aws.ivs"]
          account       = [var.creator.account_id]
          resources     = [local.channel]
          "detail-type" = ["IVS Stream State Change", "IVS Stream Health Change", "IVS Recording State Change"]
        })
      }
      permissions = concat(
        [
          { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.streams] },
          { actions = ["ivs:GetStream"], resources = [local.channel] },
        ],
        [for topic in aws_sns_topic.live : { actions = ["sns:Publish"], resources = [topic.arn] }],
        flatten([for bucket in local.buckets : [
          { actions = ["s3:GetObject"], resources = ["${bucket}/ivs/v1/*"] },
          { actions = ["s3:ListBucket"], resources = [bucket] },
        ]]),
      )
    }
    reconcile_recordings = {
      description = "Finds recordings that events have missed and removes deleted ones"
      timeout     = 300
      schedule    = "rate(1 hour)"
      stream = {
        arn    = module.streams.stream_arn
        filter = jsonencode({ dynamodb = { NewImage = { gsi1pk = { S = ["RECORDING#removing"] } } } })
      }
      permissions = concat(
        [
          { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.streams] },
          { actions = ["dynamodb:Query"], resources = [local.by_index] },
        ],
        flatten([for bucket in local.buckets : [
          { actions = ["s3:GetObject", "s3:DeleteObject"], resources = ["${bucket}/ivs/v1/*"] },
          { actions = ["s3:ListBucket"], resources = [bucket] },
        ]]),
      )
    }
    get_streams = {
      description = "Tells what is live and which recordings there are"
      routes = {
        "GET /live"   = "public"
        "GET /videos" = "public"
      }
      throttle = { rate = 200, burst = 400 } # every open page asks
      timeout  = 5
      permissions = [
        { actions = ["dynamodb:GetItem"], resources = [local.streams] },
        { actions = ["dynamodb:Query"], resources = [local.by_index] },
      ]
    }
    issue_playback_token = {
      description = "Lets a member watch"
      routes      = { "POST /live/token" = "member" }
      throttle    = { rate = 25, burst = 100 }
      timeout     = 5
      permissions = concat(
        [for key in aws_kms_key.playback : {
          actions    = ["kms:Sign"]
          resources  = [key.arn]
          conditions = { StringEquals = { "kms:SigningAlgorithm" = "ECDSA_SHA_384" } }
        }],
        # Of membership's table the items of entitlements alone, each of a partition of its own.
        [for membership in var.playback_tier[*] : {
          actions    = ["dynamodb:GetItem"]
          resources  = [membership.table_arn]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "ENTITLEMENT#*" } }
        }],
      )
    }
    manage_stream_key = {
      description = "Shows and rotates the stream key for operators"
      routes = {
        "GET /stream-key"         = "operator"
        "POST /stream-key/rotate" = "operator"
      }
      throttle = { rate = 1, burst = 2 } # IVS' own limits are low
      timeout  = 25
      permissions = [
        { actions = ["ivs:GetStream", "ivs:StopStream"], resources = [local.channel] },
        {
          actions   = ["ivs:ListStreamKeys", "ivs:GetStreamKey", "ivs:CreateStreamKey", "ivs:DeleteStreamKey"]
          resources = [local.channel, local.stream_keys]
        },
      ]
    }
    manage_videos = {
      description = "Names, publishes and deletes recordings for operators"
      routes = {
        "PUT /live"           = "operator"
        "GET /recordings"     = "operator"
        "PUT /videos/{id}"    = "operator"
        "DELETE /videos/{id}" = "operator"
      }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.streams] },
        { actions = ["dynamodb:Query"], resources = [local.by_index] },
      ]
    }
  }

  functions = {
    for name, function in local.every : name => function
    if lookup({ issue_playback_token = var.authorized_playback, reconcile_recordings = var.recording }, name, true)
  }

  # Empty is what there is not.
  environment = {
    STREAMS_TABLE            = module.streams.name
    CHANNEL_ARN              = local.channel
    PLAYBACK_URL             = aws_ivs_channel.this.playback_url
    INGEST_ENDPOINT          = aws_ivs_channel.this.ingest_endpoint
    AUTHORIZED_PLAYBACK      = tostring(var.authorized_playback)
    PLAYBACK_KEY_ID          = var.authorized_playback ? aws_kms_key.playback[0].key_id : ""
    MEMBERSHIP_TABLE         = var.playback_tier == null ? "" : var.playback_tier.table
    PLAYBACK_TIER            = var.playback_tier == null ? "" : var.playback_tier.tier
    TIERS                    = var.playback_tier == null ? "" : jsonencode(var.playback_tier.tiers)
    RECORDINGS_BUCKET        = var.recording ? module.recordings[0].bucket_id : ""
    RECORDINGS_SERVED        = tostring(local.recordings_served)
    RECORDING_RETENTION_DAYS = tostring(var.recording_retention_days)
    LIVE_TOPIC_ARN           = var.live_notice ? aws_sns_topic.live[0].arn : ""
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "ivs-streaming"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  environment        = local.environment
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags
}
