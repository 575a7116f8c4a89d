using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Properties;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Sessions;

/// <summary>Login and logout.</summary>
[VimUnset("message", "string")]
[VimUnset("supportedLocaleList", "string*")]
internal sealed class SessionManager(EsxiHost host, string id, string collectorId, Session? session = null) : ManagedObject(host, id)
{
    [VimProperty("UserSession")]
    public DataObject? CurrentSession => session?.ToData();

    [VimProperty("UserSession*")]
    public IEnumerable<object> SessionList => Esx.Sessions.All.Select(s => s.ToData());

    [VimProperty("string")]
    public string DefaultLocale => "en";

    [VimProperty("string*")]
    public IEnumerable<object> MessageLocaleList => ["en"];

    [VimMethod(Anonymous = true)]
    public object Login(VimCall call)
    {
        if (call.Client is not null)
            throw VimFault.Of("InvalidLogin", "The session is logged in already.");
        if (call.Arguments.Text("userName") != Esx.Options.UserName || call.Arguments.Text("password") != Esx.Options.Password)
            throw VimFault.Of("InvalidLogin");
        if (Esx.Sessions.All.Count >= Esx.Options.MaxSessions)
            throw new TooManySessionsException();

        var opened = Esx.Sessions.Open(Esx.Options.UserName);
        opened.Objects.Add(collectorId, new PropertyCollector(Esx, collectorId, opened));
        opened.Objects.Add(Self.Value, new SessionManager(Esx, Self.Value, collectorId, opened));
        call.Opened = opened;
        return opened.ToData();
    }

    [VimMethod]
    public void Logout(VimCall call) => Esx.Sessions.Close(call.Session);

    [VimMethod(VCenterOnly = true)]
    public object SessionIsActive(VimCall call) =>
        call.Session.Key == call.Arguments.Text("sessionID") && call.Session.UserName == call.Arguments.Text("userName");

    [VimMethod]
    public void SetLocale(VimCall call)
    {
        if (!call.Arguments.Text("locale")!.StartsWith("en", StringComparison.Ordinal))
            throw VimFault.Of("InvalidLocale");
    }
}
