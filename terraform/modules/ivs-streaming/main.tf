locals {
  # Members watch with a token that IVS checks; a file that the site serves could be watched by everyone.
  recordings_served = var.recording && var.has_distribution && !var.authorized_playback

  # The media alone: IVS' descriptions beside them hold ARNs.
  recordings_access = local.recordings_served ? [{
    sid        = "CloudFrontReads"
    service    = "cloudfront.amazonaws.com"
    actions    = ["s3:GetObject"]
    keys       = "ivs/v1/*/media/*"
    source_arn = var.distribution_arn
  }] : []
}

module "streams" {
  source = "../table"

  creator          = var.creator
  name             = "streams"
  indexes          = { gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" } }
  stream_view_type = "NEW_IMAGE"
  protect_data     = var.protect_data
  tags             = var.tags
}

module "recordings" {
  source = "../private-bucket"
  count  = var.recording ? 1 : 0

  bucket          = "${var.creator.slug}-recordings-${var.creator.account_id}"
  versioned       = false # a recording is written once
  expiration_days = var.recording_retention_days
  force_destroy   = !var.protect_data
  service_access  = local.recordings_access
  tags            = var.tags
}

resource "aws_ivs_recording_configuration" "this" {
  count = var.recording ? 1 : 0

  name = var.creator.slug
  tags = var.tags

  # A short loss of the encoder continues the same recording.
  recording_reconnect_window_seconds = 60

  destination_configuration {
    s3 {
      bucket_name = module.recordings[0].bucket_id
    }
  }

  thumbnail_configuration {
    recording_mode          = "INTERVAL"
    target_interval_seconds = 60
  }

  # A configuration that a channel uses cannot be deleted: the channel lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_ivs_channel" "this" {
  name                        = var.creator.slug
  type                        = var.channel_type
  latency_mode                = var.latency_mode
  authorized                  = var.authorized_playback
  recording_configuration_arn = one(aws_ivs_recording_configuration.this[*].arn)
  tags                        = var.tags

  lifecycle {
    # The provider reads "no recording configuration" as "keep the one there is": without this check the plan
    # would delete the configuration from under a channel that goes on using it.
    postcondition {
      condition     = var.recording || self.recording_configuration_arn == ""
      error_message = "Channel ${var.creator.slug} still records, and Terraform's AWS provider cannot end that. Run: aws ivs update-channel --arn ${self.arn} --recording-configuration-arn \"\" and plan again."
    }
  }
}

# A recording that cannot be written is lost without anybody noticing.
resource "aws_cloudwatch_metric_alarm" "recordings" {
  count = var.recording ? 1 : 0

  alarm_name          = "${var.creator.slug}-recordings-failed"
  alarm_description   = "IVS could not write a recording of ${var.creator.slug}"
  namespace           = "fleet"
  metric_name         = "RecordingsFailed"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    service = "ivs-streaming"
  }
}
