// Events for the integration tests, as the text a sender would write.
import Models

enum Events {
    /// A structured CloudEvent; `data` is JSON text.
    static func event(
        _ type: String, id: String, subject: String, time: String = "2026-03-01T00:00:00Z", source: String = "/tests/integration", extra: String = "", data: String
    ) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"\#(type)","subject":"\#(subject)","time":"\#(time)"\#(extra),"data":\#(data)}"#
    }

    static func capacity(_ site: String, megawatts: Double, id: String, time: String = "2026-03-01T00:00:00Z") -> String {
        event("site.capacity.reported.v1", id: id, subject: site, time: time, data: #"{"facility_power_mw":\#(megawatts)}"#)
    }

    static func reading(_ site: String, kilowatts: Double, id: String, at: Instant) -> String {
        event("site.telemetry.v1", id: id, subject: site, time: "\(at)", data: #"{"power_kw":\#(kilowatts)}"#)
    }
}
