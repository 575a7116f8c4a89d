namespace VmDeploy.Simulator.Esxi;

/// <summary>A SOAP request as it arrived.</summary>
/// <param name="Time">When.</param>
/// <param name="Method">The method's name, or the empty string when it could not be told.</param>
/// <param name="SoapAction">The SOAPAction header without quotes.</param>
/// <param name="Xml">The whole envelope.</param>
public sealed record RecordedRequest(DateTimeOffset Time, string Method, string SoapAction, string Xml);
