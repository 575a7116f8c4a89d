using System.Globalization;

namespace VmDeploy.Simulator.Esxi;

/// <summary>Accepts orders of faults at <c>/simulator/faults/NAME?option=value</c>, for users of the executable.</summary>
internal sealed class FaultEndpoint
{
    private readonly Dictionary<string, (string Options, Action<IQueryCollection> Order)> _orders;

    public FaultEndpoint(FaultPlan faults) => _orders = new(StringComparer.Ordinal)
    {
        ["cut-upload"] = ("at=BYTE times=1", q => faults.CutUpload(Number(q, "at", 0), Times(q))),
        ["fill-datastore"] = ("at=BYTE times=1", q => faults.FillDatastore(Number(q, "at", 0), Times(q))),
        ["fail-lease"] = ("at=BYTE times=1", q => faults.FailLease(Number(q, "at", 0), Times(q))),
        ["link"] = ("bytes-per-second=N (none: no limit)", q => faults.BytesPerSecond = q.ContainsKey("bytes-per-second") ? Number(q, "bytes-per-second", 0) : null),
        ["ask-at-power-on"] = ("times=1", q => faults.AskAtPowerOn(Times(q))),
        ["expire-sessions"] = ("", _ => faults.ExpireSessions()),
        ["expire-session-at-call"] = ("call=N", q => faults.ExpireSessionAtCall((int)Number(q, "call", 1))),
        ["swap-certificate"] = ("", _ => faults.SwapCertificate()),
        ["fail-method"] = ("method=NAME fault=TYPE message=TEXT times=1 skip=0", q => faults.FailMethod(Text(q, "method"), Text(q, "fault"), q["message"], Times(q), Skip(q))),
        ["fail-task"] = ("method=NAME fault=TYPE message=TEXT times=1 skip=0", q => faults.FailTask(Text(q, "method"), Text(q, "fault"), q["message"], Times(q), Skip(q))),
        ["drop-reply"] = ("method=NAME times=1 skip=0", q => faults.DropReply(Text(q, "method"), Times(q), Skip(q))),
        ["delay-reply"] = ("method=NAME|* milliseconds=N", q => faults.DelayReply(Text(q, "method"), TimeSpan.FromMilliseconds(Number(q, "milliseconds", 0)))),
        ["hide-property"] = ("type=NAME path=PATH", q => faults.HideProperty(Text(q, "type"), Text(q, "path"))),
        ["clear"] = ("", _ => faults.Clear()),
    };

    public Task AnswerAsync(HttpContext http, string name)
    {
        if (HttpMethods.IsGet(http.Request.Method) && name.Length == 0)
            return http.Response.WriteAsync(string.Concat(_orders.Select(o => $"POST /simulator/faults/{o.Key}  {o.Value.Options}\n")));
        if (!HttpMethods.IsPost(http.Request.Method) || !_orders.TryGetValue(name, out var order))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return http.Response.WriteAsync("GET /simulator/faults lists what can be ordered.\n");
        }
        try
        {
            order.Order(http.Request.Query);
            return http.Response.WriteAsync("ordered\n");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return http.Response.WriteAsync($"{e.Message} {name} takes {order.Options}.\n");
        }
    }

    private static string Text(IQueryCollection query, string name) =>
        query[name] is [{ Length: > 0 } text] ? text : throw new FormatException($"{name} is missing.");

    private static long Number(IQueryCollection query, string name, long otherwise) =>
        !query.ContainsKey(name) ? otherwise
        : long.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} is no number.");

    private static int Times(IQueryCollection query) => (int)Number(query, "times", 1);

    private static int Skip(IQueryCollection query) => (int)Number(query, "skip", 0);
}
