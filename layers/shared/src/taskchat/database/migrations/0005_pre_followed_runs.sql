-- Until when someone in another process follows the run: only then is its log worth writing often.
alter table runs add column followed_until timestamptz;
