"""Behaviours of a subject as units: does it prefer one word to another, and which latents carry that?"""
