ALTER TABLE "settlements" ADD COLUMN "document" text;--> statement-breakpoint
ALTER TABLE "settlements" ADD COLUMN "fate" text;