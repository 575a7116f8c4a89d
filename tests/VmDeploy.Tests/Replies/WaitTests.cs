using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Replies;

/// <summary>Waits on hosts that answer at once, forget the session or break the connection again and again.</summary>
public class WaitTests
{
    private static readonly MoRef s_target = new("VirtualMachine", "vm-1");

    [Fact]
    public async Task EarlyEmptyUpdates_AreAskedForEverMoreSlowly()
    {
        var host = new CannedHost((method, _) => CannedHost.Soap(method, method == "CreatePropertyCollector" ? "<returnval type='PropertyCollector'>c</returnval>" : ""));
        using var soap = await host.SoapAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new PropertyWaiter(soap, CannedHost.Content).WaitAsync(s_target, ["name"], _ => true, limit.Token));

        Assert.InRange(host.Calls.Count(c => c == "WaitForUpdatesEx"), 1, 20);
        Assert.Equal("DestroyPropertyCollector", host.Calls[^1]);
    }

    [Fact]
    public async Task EarlyEmptyEvents_AreAskedForEverMoreSlowly()
    {
        var host = new CannedHost((method, count) => CannedHost.Success(method == "event.from"
            ? Events(count == 1 ? Event("VM", "OpaqueRef:v", "mod") : "") : "<value>OpaqueRef:s</value>"));
        using var client = await host.XapiAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new XapiEvents(client, NullLogger.Instance).WaitAsync("VM", "OpaqueRef:v", _ => false, limit.Token));

        Assert.InRange(host.Calls.Count(c => c == "event.from"), 2, 20);
    }

    [Fact]
    public async Task EventsWithoutToken_AreUnexpectedReply()
    {
        var host = new CannedHost((method, _) => CannedHost.Success(method == "event.from" ? Events(Event("VM", "OpaqueRef:v", "mod"), token: "") : "<value>OpaqueRef:s</value>"));
        using var client = await host.XapiAsync();

        var failure = await Assert.ThrowsAsync<VmDeployException>(() =>
            new XapiEvents(client, NullLogger.Instance).WaitAsync("VM", "OpaqueRef:v", _ => false, CancellationToken.None));

        Assert.Equal(ErrorCodes.UnexpectedReply, failure.Code);
    }

    [Fact]
    public async Task ForgottenSession_EndsInventoryAndWait()
    {
        var host = new CannedHost((method, _) => method switch
        {
            "Login" => CannedHost.Soap(method, ""),
            _ => CannedHost.Fault("NotAuthenticated"),
        });
        using var soap = await host.SoapAsync();
        var reader = new PropertyReader(soap, CannedHost.Content);

        await Assert.ThrowsAnyAsync<VmDeployException>(() =>
            reader.ReadAllAsync([new PropertySet("VirtualMachine", "name")], _ => Task.CompletedTask, CancellationToken.None));

        Assert.InRange(host.Calls.Count(c => c == "Login"), 2, 5);
    }

    [Fact]
    public async Task CancelledTask_ThatGoesOn_IsReported_OnVsphere()
    {
        using var stop = new CancellationTokenSource();
        var host = new CannedHost((method, count) =>
        {
            if (method == "WaitForUpdatesEx" && count == 2)
                stop.Cancel();
            return CannedHost.Soap(method, method switch
            {
                "PowerOnVM_Task" => "<returnval type='Task'>t</returnval>",
                "CreatePropertyCollector" => "<returnval type='PropertyCollector'>c</returnval>",
                _ => "",
            });
        });
        using var soap = await host.SoapAsync(TimeSpan.FromMilliseconds(300));
        var tasks = new VimTasks(soap, new PropertyWaiter(soap, CannedHost.Content), new PropertyReader(soap, CannedHost.Content), CannedHost.Content);

        var failure = await Assert.ThrowsAsync<VmDeployException>(() => tasks.RunAsync(s_target, "PowerOnVM_Task", "web", stop.Token));

        Assert.Equal(ErrorCodes.TaskStillRunning, failure.Code);
        Assert.Contains("CancelTask", host.Calls);
    }

    [Fact]
    public async Task CancelledTask_ThatGoesOn_IsReported_OnXenServer()
    {
        using var stop = new CancellationTokenSource();
        var host = new CannedHost((method, count) =>
        {
            if (method == "event.from" && count == 2)
                stop.Cancel();
            return CannedHost.Success(method == "event.from" ? Events(Event("task", "OpaqueRef:t", "mod"))
                : method.StartsWith("Async.", StringComparison.Ordinal) ? "<value>OpaqueRef:t</value>" : "<value>OpaqueRef:s</value>");
        });
        using var client = await host.XapiAsync(TimeSpan.FromMilliseconds(300));
        var tasks = new XapiTasks(client, new XapiEvents(client, NullLogger.Instance));

        var failure = await Assert.ThrowsAsync<VmDeployException>(() => tasks.RunAsync("VM.start", null, stop.Token, "OpaqueRef:v", false, false));

        Assert.Equal(ErrorCodes.TaskStillRunning, failure.Code);
        Assert.Contains("task.cancel", host.Calls);
    }

    [Fact]
    public async Task Interruptions_BetweenUpdates_DoNotAddUp()
    {
        // Seven times: one update, then the connection breaks.
        const int interruptions = 7;
        var rounds = 0;
        var host = new CannedHost((method, _) => method switch
        {
            "CreatePropertyCollector" => CannedHost.Soap(method, "<returnval type='PropertyCollector'>c</returnval>"),
            "WaitForUpdatesEx" => Interlocked.Increment(ref rounds) % 2 == 0 && rounds < 2 * interruptions
                ? throw new VmDeployException(ErrorCodes.ConnectionLost, "Broken on purpose.")
                : CannedHost.Soap(method, $"<returnval><version>{rounds}</version><filterSet><objectSet><kind>modify</kind><changeSet><name>n</name><val>{rounds}</val></changeSet></objectSet></filterSet></returnval>"),
            _ => CannedHost.Soap(method, ""),
        });
        using var soap = await host.SoapAsync();

        await new PropertyWaiter(soap, CannedHost.Content).WaitAsync(s_target, ["n"], values => values["n"].Value == $"{2 * interruptions + 1}", CancellationToken.None);

        Assert.Equal(2 * interruptions + 1, rounds);
    }

    [Fact]
    public async Task TaskDestroy_WhoseCallIsLost_IsRepeated()
    {
        var host = new CannedHost((method, count) => method == "task.destroy" && count < 3
            ? throw new HttpRequestException("Broken on purpose.") : CannedHost.Success("<value>OpaqueRef:s</value>"));
        using var client = await host.XapiAsync();

        await new XapiTasks(client, new XapiEvents(client, NullLogger.Instance)).DestroyAsync("OpaqueRef:t");

        Assert.Equal(3, host.Calls.Count(c => c == "task.destroy"));
    }

    [Fact]
    public async Task DestroyView_WhoseCallIsLost_IsRepeated()
    {
        var host = new CannedHost((method, count) => method == "DestroyView" && count < 3
            ? throw new HttpRequestException("Broken on purpose.")
            : CannedHost.Soap(method, method == "CreateContainerView" ? "<returnval type='ContainerView'>v</returnval>" : ""));
        using var soap = await host.SoapAsync();

        await new PropertyReader(soap, CannedHost.Content).ReadAllAsync([new PropertySet("VirtualMachine", "name")], _ => Task.CompletedTask, CancellationToken.None);

        Assert.Equal(3, host.Calls.Count(c => c == "DestroyView"));
    }

    internal static string Events(string events, string token = "00000,1") =>
        $"<value><struct><member><name>token</name><value>{token}</value></member><member><name>events</name><value><array><data>{events}</data></array></value></member></struct></value>";

    internal static string Event(string @class, string reference, string operation) =>
        $"<value><struct>{Member("class", @class)}{Member("ref", reference)}{Member("operation", operation)}<member><name>snapshot</name><value><struct>{Member("status", "pending")}{Member("progress", "0.5")}</struct></value></member></struct></value>";

    private static string Member(string name, string value) => $"<member><name>{name}</name><value>{value}</value></member>";
}
