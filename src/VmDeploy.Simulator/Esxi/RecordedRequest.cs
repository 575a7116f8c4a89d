namespace VmDeploy.Simulator.Esxi;

/// <summary>A SOAP request as it arrived.</summary>
/// <param name="Time">The time.</param>
/// <param name="Method">The method's name; empty if it is not known.</param>
/// <param name="SoapAction">The SOAPAction header without quotes.</param>
/// <param name="Xml">The whole envelope.</param>
public sealed record RecordedRequest(DateTimeOffset Time, string Method, string SoapAction, string Xml);
