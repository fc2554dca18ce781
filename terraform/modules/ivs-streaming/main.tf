module "recordings" {
  source = "../private-bucket"
  count  = var.recording ? 1 : 0

  bucket          = "${var.slug}-recordings-${var.account_id}"
  versioned       = false # a recording is written once
  expiration_days = var.recording_retention_days
  force_destroy   = !var.protect_data
  tags            = var.tags
}

resource "aws_ivs_recording_configuration" "this" {
  count = var.recording ? 1 : 0

  name = var.slug
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
  name                        = var.slug
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
      error_message = "Channel ${var.slug} still records, and Terraform's AWS provider cannot end that. Run: aws ivs update-channel --arn ${self.arn} --recording-configuration-arn \"\" and plan again."
    }
  }
}

resource "aws_ivs_playback_key_pair" "this" {
  count = var.playback_public_key == null ? 0 : 1

  name       = var.slug
  public_key = var.playback_public_key
  tags       = var.tags
}

# IVS makes the one key of a channel together with the channel.
data "aws_ivs_stream_key" "this" {
  channel_arn = aws_ivs_channel.this.arn
}
